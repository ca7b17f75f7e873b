//! The ways in which editors and tools save a file.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{fs, thread};

/// How a file is saved. The first folder is for the followed file, the second is elsewhere.
pub(super) struct Way {
    pub(super) name: &'static str,
    pub(super) tool: Option<&'static str>,
    pub(super) prepare: fn(&Path, &Path),
    pub(super) save: fn(&Path, &Path, usize),
}

pub(super) const WAYS: &[Way] = &[
    Way {
        name: "truncate and write",
        tool: None,
        prepare: write_first,
        save: |folder, _, number| write(&folder.join("rules.yaml"), number),
    },
    Way {
        name: "truncate and write in pieces, 30 ms apart",
        tool: None,
        prepare: write_first,
        save: |folder, _, number| write_in_pieces(&folder.join("rules.yaml"), number, 30),
    },
    Way {
        name: "truncate and write in pieces, 200 ms apart",
        tool: None,
        prepare: write_first,
        save: |folder, _, number| write_in_pieces(&folder.join("rules.yaml"), number, 200),
    },
    Way {
        name: "write in place, with the old time of modification",
        tool: None,
        prepare: write_first,
        save: |folder, _, number| {
            let path = folder.join("rules.yaml");
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            let mut file = File::options().write(true).open(&path).unwrap();
            file.write_all(content(number).as_bytes()).unwrap();
            file.set_modified(modified).unwrap();
        },
    },
    Way {
        name: "rename over",
        tool: None,
        prepare: write_first,
        save: |folder, _, number| {
            write(&folder.join("rules.yaml.new"), number);
            fs::rename(folder.join("rules.yaml.new"), folder.join("rules.yaml")).unwrap();
        },
    },
    Way {
        name: "mv from elsewhere",
        tool: Some("mv"),
        prepare: write_first,
        save: |folder, elsewhere, number| {
            write(&elsewhere.join("new"), number);
            run(Command::new("mv")
                .arg("-f")
                .arg(elsewhere.join("new"))
                .arg(folder.join("rules.yaml")));
        },
    },
    Way {
        name: "vim, backupcopy=no",
        tool: Some("vim"),
        prepare: write_first,
        save: |folder, _, number| vim("set nobackup backupcopy=no", folder, number),
    },
    Way {
        name: "vim, backupcopy=yes",
        tool: Some("vim"),
        prepare: write_first,
        save: |folder, _, number| vim("set nobackup backupcopy=yes", folder, number),
    },
    Way {
        name: "vim that keeps a backup",
        tool: Some("vim"),
        prepare: write_first,
        save: |folder, _, number| vim("set backup backupcopy=auto", folder, number),
    },
    Way {
        name: "sed -i",
        tool: Some("sed"),
        prepare: write_first,
        save: |folder, _, number| {
            let script = format!("s/generation .*/generation {number}/");
            run(Command::new("sed")
                .arg("-i")
                .arg(script)
                .arg(folder.join("rules.yaml")));
        },
    },
    Way {
        name: "remove and create at once",
        tool: None,
        prepare: write_first,
        save: |folder, _, number| {
            fs::remove_file(folder.join("rules.yaml")).unwrap();
            write(&folder.join("rules.yaml"), number);
        },
    },
    Way {
        name: "remove and create 300 ms later",
        tool: None,
        prepare: write_first,
        save: |folder, _, number| {
            fs::remove_file(folder.join("rules.yaml")).unwrap();
            thread::sleep(Duration::from_millis(300));
            write(&folder.join("rules.yaml"), number);
        },
    },
    Way {
        name: "edit the file that a symlink points to, in pieces",
        tool: Some("ln"),
        prepare: |folder, elsewhere| {
            write(&elsewhere.join("real.yaml"), 0);
            link(&elsewhere.join("real.yaml"), &folder.join("rules.yaml"));
        },
        save: |_, elsewhere, number| write_in_pieces(&elsewhere.join("real.yaml"), number, 100),
    },
    Way {
        name: "point the symlink to another file",
        tool: Some("ln"),
        prepare: |folder, elsewhere| {
            write(&elsewhere.join("0.yaml"), 0);
            link(&elsewhere.join("0.yaml"), &folder.join("rules.yaml"));
        },
        save: |folder, elsewhere, number| {
            let target = elsewhere.join(format!("{number}.yaml"));
            write(&target, number);
            link(&target, &folder.join("rules.yaml"));
        },
    },
    Way {
        name: "Kubernetes ConfigMap",
        tool: Some("ln"),
        prepare: |folder, _| {
            config_map(folder, 0);
            link(Path::new("..data/rules.yaml"), &folder.join("rules.yaml"));
        },
        save: |folder, _, number| {
            config_map(folder, number);
            fs::remove_dir_all(folder.join(format!("..{}", number - 1))).unwrap();
        },
    },
    Way {
        name: "replace the folder",
        tool: None,
        prepare: write_first,
        save: |folder, elsewhere, number| {
            let new = elsewhere.join("new");
            fs::create_dir(&new).unwrap();
            write(&new.join("rules.yaml"), number);
            fs::rename(folder, elsewhere.join("old")).unwrap();
            fs::rename(&new, folder).unwrap();
            fs::remove_dir_all(elsewhere.join("old")).unwrap();
        },
    },
    Way {
        name: "replace the folder above",
        tool: None,
        prepare: write_first,
        save: |folder, elsewhere, number| {
            let above = folder.parent().unwrap();
            let new = elsewhere.join("new");
            fs::create_dir_all(new.join("rules")).unwrap();
            write(&new.join("rules/rules.yaml"), number);
            fs::rename(above, elsewhere.join(format!("old {number}"))).unwrap();
            fs::rename(&new, above).unwrap();
        },
    },
];

/// Of one length for all numbers below ten, so that the size alone tells nothing.
pub(super) fn content(number: usize) -> String {
    format!("- generation {number}\n").repeat(8)
}

pub(super) fn write_first(folder: &Path, _: &Path) {
    write(&folder.join("rules.yaml"), 0);
}

pub(super) fn write(path: &Path, number: usize) {
    fs::write(path, content(number)).unwrap();
}

pub(super) fn write_in_pieces(path: &Path, number: usize, millis: u64) {
    let mut file = File::create(path).unwrap();
    for line in content(number)
        .split_inclusive('\n')
        .collect::<Vec<_>>()
        .chunks(2)
    {
        thread::sleep(Duration::from_millis(millis));
        file.write_all(line.concat().as_bytes()).unwrap();
    }
}

fn vim(settings: &str, folder: &Path, number: usize) {
    let mut vim = Command::new("vim");
    vim.args(["-u", "NONE", "-N", "-es", "-c", settings, "-c"]);
    vim.arg(format!("%s/generation .*/generation {number}/"));
    run(vim.args(["-c", "wq"]).arg(folder.join("rules.yaml")));
}

fn link(target: &Path, name: &Path) {
    run(Command::new("ln").arg("-sfn").arg(target).arg(name));
}

/// As the kubelet does it: a new folder, then a link to it renamed over the old one.
fn config_map(folder: &Path, number: usize) {
    let version = format!("..{number}");
    fs::create_dir(folder.join(&version)).unwrap();
    write(&folder.join(&version).join("rules.yaml"), number);
    link(Path::new(&version), &folder.join("..data_tmp"));
    fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}

pub(super) fn is_installed(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}
