//! Pictures, voices and videos as small as they can be. What one is like, its name says.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::pages::root;

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\
                       \0\0\0\0IEND\xaeB`\x82";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";
const WEBP: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8L";
const MP3: &[u8] = b"\xff\xfb\x90\x64\0\0\0\0";
const AMR: &[u8] = b"#!AMR\n\x3c\0\0\0";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";

/// What nobody ever finds.
const MISSPELT: &str = "./postr.png";

/// Makes the files that a text of a rule file names, each as its name says.
pub fn put_beside(rules: &Path, text: &str) {
    let is_end = |letter: char| " \"'{}[],\n".contains(letter);
    let words = text.split(is_end);
    let paths = words.filter(|word| word.starts_with("./") || word.starts_with("../"));
    for written in paths.filter(|path| *path != MISSPELT && !path.contains('<')) {
        let path = rules.with_file_name(written);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let kind = path.extension().map(|end| end.to_str().unwrap().to_owned());
        if name == "linked" {
            symlink(root().join("Cargo.toml"), &path).unwrap();
            continue;
        }
        let content = match kind.as_deref() {
            _ if name == "empty" => &b""[..],
            _ if name == "half" => &PNG[..20],
            Some("png") => PNG,
            Some("jpg") => JPEG,
            Some("gif") => GIF,
            Some("webp") => WEBP,
            Some("mp3") => MP3,
            Some("amr") => AMR,
            Some("mp4") => MP4,
            None => {
                fs::create_dir_all(&path).unwrap();
                continue;
            }
            Some(other) => panic!("{written}: what is {other}?"),
        };
        fs::write(&path, content).unwrap();
        if name == "large" {
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_len(10 * 1024 * 1024 + 1).unwrap();
        }
    }
}
