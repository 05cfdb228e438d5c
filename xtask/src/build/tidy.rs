//! Takes out of a bound module what only its makers read: long names of imports and exports, exports that nobody calls,
//! imports that are called by nobody then, and paths of sources elsewhere.
//!
//! Names cost twice, in the module and in the script, and the hash in each cannot be compressed: 5 KB of a runtime.

mod paths;
mod script;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
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
    let text = fs::read_to_string(script).with_context(|| script.display().to_string())?;
    let mentioned: HashSet<&str> = text.split(|c| !is_word(c)).collect();
    let unused: Vec<_> = wasm
        .exports
        .iter()
        .filter(|export| {
            let is_unused = |start: &&str| export.name.starts_with(start);
            UNUSED_EXPORTS.iter().any(is_unused) || !mentioned.contains(export.name.as_str())
        })
        .map(|export| export.id())
        .collect();
    for export in unused {
        wasm.exports.delete(export);
    }
    empty(&mut wasm);
    let mut uncalled: HashSet<String> = wasm.imports.iter().map(|i| i.name.clone()).collect();
    passes::gc::run(&mut wasm);
    let mut names = HashMap::new();
    for import in wasm.imports.iter_mut() {
        uncalled.remove(&import.name);
        let short = format!("i{}", names.len());
        let long = std::mem::replace(&mut import.name, short.clone());
        names.insert(long, short);
    }
    for export in wasm.exports.iter_mut().filter(|e| e.name.contains('_')) {
        let short = format!("e{}", names.len());
        let long = std::mem::replace(&mut export.name, short.clone());
        names.insert(long, short);
    }
    paths::blank(&mut wasm);
    wasm.emit_wasm_file(module)?;
    let text = script::simplified(&without(&text, &uncalled))?.replace(REGISTRY, PURE_REGISTRY);
    let left: HashSet<&str> = text.split(|c| !is_word(c)).collect();
    if let Some(lost) = names.keys().find(|name| !left.contains(name.as_str())) {
        bail!("the script of the module lost {lost}");
    }
    Ok(fs::write(script, renamed(&text, &names))?)
}

/// Without a mark the registries of classes that go would stay, since making one might have an effect.
const REGISTRY: &str = " new FinalizationRegistry";
const PURE_REGISTRY: &str = " /* @__PURE__ */ new FinalizationRegistry";

/// A script without the functions that it gives the module under some names, as wasm-bindgen writes them: a line that begins
/// with the name, up to one that ends the function.
fn without(script: &str, names: &HashSet<String>) -> String {
    let mut out = String::with_capacity(script.len());
    let mut is_inside = false;
    for line in script.split_inclusive('\n') {
        let member = line.strip_prefix("        ");
        let name = member.and_then(|member| member.split_once(": function("));
        is_inside |= name.is_some_and(|(name, _)| names.contains(name));
        if !is_inside {
            out.push_str(line);
        }
        // `},` or, where what it throws is caught, `}, arguments); },`.
        is_inside &= !member.is_some_and(|m| m.starts_with('}') && m.trim_end().ends_with("},"));
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
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
    fn a_function_that_nobody_calls_goes_as_a_whole() {
        let script = "    const import0 = {\n        a: function() {\n            b: function() {}\n        },\n        b: function(arg0) {\n            {\n            }\n        },\n        c: function() { return handleError(function () {\n        }, arguments); },\n        d: function() {\n        },\n    };\n";
        let gone = HashSet::from(["b".to_owned(), "c".to_owned()]);
        assert_eq!(
            without(script, &gone),
            "    const import0 = {\n        a: function() {\n            b: function() {}\n        },\n        d: function() {\n        },\n    };\n"
        );
    }

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
