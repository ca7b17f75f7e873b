//! Makes a Rust struct of each message in `src/i18n/messages`, with its variables as fields, so
//! that the compiler checks ids and arguments where `phrase!` names them.

#[path = "src/i18n/source.rs"]
mod source;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("src/i18n/messages");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=src/i18n/source.rs");
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".en.ftl").map(str::to_owned));
    }
    names.sort();
    let root = std::env::var("CARGO_MANIFEST_DIR")?;
    let mut generated = String::new();
    let mut files = String::new();
    let mut all = BTreeMap::new();
    for name in &names {
        let path = |language: &str| folder.join(format!("{name}.{language}.ftl"));
        let messages = source::messages(&fs::read_to_string(path("en"))?)
            .map_err(|error| format!("{}: {error}", path("en").display()))?;
        let mut ids = String::new();
        for (id, variables) in messages {
            write!(ids, "{id:?}, ")?;
            if all.insert(id.clone(), name).is_some() {
                return Err(format!("there are two messages {id}").into());
            }
            write_message(&mut generated, &id, &variables)?;
        }
        let included = |language: &str| PathBuf::from(&root).join(path(language));
        writeln!(
            files,
            "    MessageFile {{ #[cfg(test)] name: {name:?}, #[cfg(test)] ids: &[{ids}], english: include_str!({:?}), chinese: include_str!({:?}) }},",
            included("en"),
            included("zh"),
        )?;
    }
    writeln!(
        generated,
        "pub(crate) const FILES: &[MessageFile] = &[\n{files}];"
    )?;
    let out = std::env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("messages.rs"), generated)?;
    Ok(())
}

fn write_message(
    generated: &mut String,
    id: &str,
    variables: &std::collections::BTreeSet<String>,
) -> std::fmt::Result {
    let name = id.replace('-', "_");
    let (mut fields, mut pairs) = (String::new(), String::new());
    for variable in variables {
        write!(fields, "pub(crate) {variable}: Argument, ")?;
        write!(pairs, "({variable:?}, message.{variable}), ")?;
    }
    writeln!(generated, "pub(crate) struct {name} {{ {fields}}}")?;
    let message = if variables.is_empty() { "_" } else { "message" };
    writeln!(
        generated,
        "impl From<{name}> for Phrase {{ fn from({message}: {name}) -> Phrase {{ \
         Phrase::new({id:?}, vec![{pairs}]) }} }}"
    )
}
