//! Takes out of a bound module what only its makers read: long names of imports, and exports that nobody calls.
//!
//! Names cost twice, in the module and in the script, and the hash in each cannot be compressed: 4 KB of a runtime.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use walrus::ir::{Instr, InstrLocId, Unreachable};
use walrus::{FunctionKind, Module, passes};

/// Streams for server functions, which Leptos brings along and the runtime has none of: their exports, by the begin of
/// their names,
const UNUSED_EXPORTS: &[&str] = &["intounderlying", "__wbg_intounderlying"];
/// and their functions, by a part of theirs. A table holds them still, so that no tool can tell that nobody calls them.
const UNUSED_FUNCTIONS: &[&str] = &["wasm_streams", "future_to_promise"];

/// Rewrites a module and the script that wasm-bindgen wrote for it, in their places.
pub(super) fn tidy(module: &Path, script: &Path) -> Result<()> {
    let mut wasm = Module::from_file(module).with_context(|| module.display().to_string())?;
    let unused: Vec<_> = wasm
        .exports
        .iter()
        .filter(|export| {
            UNUSED_EXPORTS
                .iter()
                .any(|start| export.name.starts_with(start))
        })
        .map(|export| export.id())
        .collect();
    for export in unused {
        wasm.exports.delete(export);
    }
    empty(&mut wasm);
    passes::gc::run(&mut wasm);
    let mut names = HashMap::new();
    for import in wasm.imports.iter_mut() {
        let short = format!("i{}", names.len());
        let long = std::mem::replace(&mut import.name, short.clone());
        names.insert(long, short);
    }
    wasm.emit_wasm_file(module)?;
    let text = fs::read_to_string(script).with_context(|| script.display().to_string())?;
    Ok(fs::write(script, renamed(&text, &names))?)
}

/// Takes the body out of functions that nobody calls; a call would trap.
fn empty(wasm: &mut Module) {
    for function in wasm.funcs.iter_mut() {
        let name = function.name.as_deref().unwrap_or_default();
        let unused = UNUSED_FUNCTIONS.iter().any(|part| name.contains(part));
        if let (true, FunctionKind::Local(local)) = (unused, &mut function.kind) {
            let body = local.entry_block();
            local.block_mut(body).instrs =
                vec![(Instr::Unreachable(Unreachable {}), InstrLocId::default())];
        }
    }
}

/// A script in which whole words are replaced.
fn renamed(script: &str, names: &HashMap<String, String>) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find(is_word) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_word(c)).unwrap_or(from.len());
        let (word, tail) = from.split_at(end);
        out.push_str(before);
        out.push_str(names.get(word).map_or(word, String::as_str));
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_renamed() {
        let names = HashMap::from([("__wbg_on_1f".to_owned(), "i0".to_owned())]);
        assert_eq!(
            renamed(
                "a.__wbg_on_1f=function(){__wbg_on_1f2()};__wbg_on_1f",
                &names
            ),
            "a.i0=function(){__wbg_on_1f2()};i0"
        );
    }
}
