//! Forms with a file, as WeChat takes uploads: `multipart/form-data` with a file name, without
//! which it answers 41005.

pub(crate) struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// With one file in the field `media`.
    pub(super) fn with_file(file_name: &str, mime: &str, bytes: &[u8]) -> Form {
        let mut form = Form {
            boundary: boundary(bytes),
            body: Vec::new(),
        };
        let name = quoted(file_name);
        let head = format!(
            "Content-Disposition: form-data; name=\"media\"; filename=\"{name}\"\r\n\
             Content-Type: {mime}\r\n"
        );
        form.part(&head, bytes);
        form
    }

    pub(super) fn field(mut self, name: &str, value: &str) -> Form {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"\r\n");
        self.part(&head, value.as_bytes());
        self
    }

    fn part(&mut self, head: &str, content: &[u8]) {
        let head = format!("--{}\r\n{head}\r\n", self.boundary);
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(content);
        self.body.extend_from_slice(b"\r\n");
    }

    pub(super) fn mime(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let end = format!("--{}--\r\n", self.boundary);
        [&self.body, end.as_bytes()].concat()
    }
}

/// What is not in the file; a field is JSON, which has no such line.
fn boundary(bytes: &[u8]) -> String {
    let mut number = 0_u64;
    loop {
        let boundary = format!("wxreply-{number:020}");
        let mut windows = bytes.windows(boundary.len());
        if !windows.any(|window| window == boundary.as_bytes()) {
            return boundary;
        }
        number += 1;
    }
}

/// As browsers write names; what WeChat reads of them is the ending.
fn quoted(name: &str) -> String {
    let quoted = name.replace('"', "%22");
    quoted.replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_the_file_with_its_name_and_ends() {
        let form =
            Form::with_file("海\"报.png", "image/png", b"\x89PNG").field("description", "{}");
        assert_eq!(
            form.mime(),
            "multipart/form-data; boundary=wxreply-00000000000000000000"
        );
        let expected = "--wxreply-00000000000000000000\r\n\
            Content-Disposition: form-data; name=\"media\"; filename=\"海%22报.png\"\r\n\
            Content-Type: image/png\r\n\r\n\
            ?PNG\r\n\
            --wxreply-00000000000000000000\r\n\
            Content-Disposition: form-data; name=\"description\"\r\n\r\n\
            {}\r\n\
            --wxreply-00000000000000000000--\r\n";
        let mut expected = expected.as_bytes().to_owned();
        let at = expected.iter().position(|&byte| byte == b'?').unwrap();
        expected[at] = 0x89;
        assert_eq!(form.bytes(), expected);
    }

    #[test]
    fn the_boundary_is_never_in_the_file() {
        let nasty = b"--wxreply-00000000000000000000\r\n";
        let form = Form::with_file("a.png", "image/png", nasty);
        assert!(form.mime().ends_with("wxreply-00000000000000000001"));
    }
}
