//! Parts of wasm-bindgen's script that serve more than one page of ours needs.

use anyhow::{Context, Result};

/// Loads the module from an answer that is on its way, once.
const START: &str = "\
export default async function start(answer) {
    if (wasm) return;
    const module = await answer;
    if (!module.ok) throw new Error(`the runtime's module: status ${module.status}`);
    const imports = __wbg_get_imports();
    const loaded = module.headers.get('content-type') === 'application/wasm'
        ? await WebAssembly.instantiateStreaming(module, imports)
        : await WebAssembly.instantiate(await module.arrayBuffer(), imports);
    __wbg_finalize_init(loaded.instance, loaded.module);
}
";
/// Writes a value into the message of a panic.
const DEBUG: &str = "function debugString(val) {\n    return String(val);\n}\n";

/// Puts our way to load the module in place of the general one, which takes everything that may hold a module, and a short
/// way to write values in place of one that spells them out. A script that looks otherwise is an error: it is that of
/// another version.
pub(super) fn simplified(script: &str) -> Result<String> {
    let (before, after) = cut(script, "function debugString(val) {\n", "\n}\n")?;
    let script = [before, DEBUG, after].concat();
    let (before, after) = cut(&script, "async function __wbg_load(", " as default };\n")?;
    Ok([before, START, after].concat())
}

/// What stands before the begin of a part, and what after its end.
fn cut<'s>(script: &'s str, begin: &str, end: &str) -> Result<(&'s str, &'s str)> {
    let (before, part) = script
        .split_once(begin)
        .with_context(|| format!("no `{}` in the script of wasm-bindgen", begin.trim_end()))?;
    let (_, after) = part
        .split_once(end)
        .with_context(|| format!("no end of `{}`", begin.trim_end()))?;
    Ok((before, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_general_parts_go_and_the_rest_stays() {
        let script = "let wasm;\nexport function mount(a) {\n}\nfunction debugString(val) {\n    if (x) {\n    }\n}\nlet kept;\nasync function __wbg_load(a, b) {\n}\nexport { initSync, __wbg_init as default };\n";
        let found = simplified(script).unwrap();
        let expected = [
            "let wasm;\nexport function mount(a) {\n}\n",
            DEBUG,
            "let kept;\n",
            START,
        ];
        assert_eq!(found, expected.concat());
        let other = simplified(&script.replace("__wbg_load", "load"));
        assert!(other.unwrap_err().to_string().contains("__wbg_load"));
    }
}
