//! Several sets, which one watch follows.

use super::*;

#[test]
fn one_watch_follows_a_thousand_sets() {
    const SETS: usize = 1000;
    told_and_polling(|make_watch| {
        let folder = tempfile::tempdir().unwrap();
        let path = |number: usize| folder.path().join(format!("{number}/rules.yaml"));
        let mut watch = make_watch();
        let (mut sets, mut unread) = (Vec::new(), Vec::new());
        for number in 0..SETS {
            fs::create_dir(folder.path().join(number.to_string())).unwrap();
            write(&path(number), 0);
            let set = watch.add();
            let mut inputs = Inputs::default();
            inputs.read(&path(number)).unwrap();
            // Beside a busy machine, its file may be at rest already.
            if watch.accept(set, inputs).is_none() {
                unread.push(set);
            }
            sets.push(set);
        }
        let read = |watch: &mut Watch<&'static str>, set: SetId| {
            let number = sets.iter().position(|known| *known == set).unwrap();
            let mut inputs = Inputs::default();
            let content = text(inputs.read(&path(number)).unwrap());
            watch.accept(set, inputs).map(|_| (number, content))
        };
        while !unread.is_empty() {
            let Woken::Ready(ready) = watch.wait() else {
                continue;
            };
            unread.retain(|set| !ready.contains(set) || read(&mut watch, *set).is_none());
        }
        for number in [0, 500, 999] {
            write(&path(number), 1);
            let ready = loop {
                if let Woken::Ready(ready) = watch.wait() {
                    break ready;
                }
            };
            assert_eq!(ready, [sets[number]], "nobody else has to be read");
            assert_eq!(read(&mut watch, sets[number]), Some((number, content(1))));
        }
    });
}

#[test]
fn a_set_that_is_never_at_rest_keeps_no_other_from_being_read() {
    told_and_polling(|make_watch| {
        let (mut file, folder) = OneFile::made(make_watch);
        let restless = folder.path().join("restless.yaml");
        let (stop, stopped) = mpsc::channel::<()>();
        let writer = thread::spawn({
            let restless = restless.clone();
            move || {
                let mut writing = File::create(restless).unwrap();
                while stopped.recv_timeout(Duration::from_millis(20)).is_err() {
                    writing.write_all(b"-").unwrap();
                }
            }
        });
        let other = file.watch.add();
        let mut inputs = Inputs::default();
        let _ = inputs.read(&restless);
        let _ = file.watch.accept(other, inputs);
        write(&file.path, 1);
        file.says(&content(1), &[]);
        stop.send(()).unwrap();
        writer.join().unwrap();
    });
}
