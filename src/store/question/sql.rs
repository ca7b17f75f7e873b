//! Every statement about questions, in two dialects. Executes nothing.
//!
//! Parameters are as in the other statements of the store.

use crate::store::sql::{marked, of};

pub(in crate::store) struct QuestionSql {
    pub(super) now_ms: &'static str,
    /// openid, account, delivery, service, asking, message, asked_at, replica, expires_at
    /// · openid, account, delivery
    pub(super) claim: &'static str,
    /// openid, account, delivery
    pub(super) is_there: &'static str,
    /// openid, account, delivery · openid, account, delivery
    pub(super) before: &'static str,
    pub(super) open: &'static str,
    /// openid, account, service, now
    pub(super) set_aside: &'static str,
    /// openid, account, delivery, expires_at
    pub(super) arrive: &'static str,
    /// openid, account, delivery · openid, account, delivery
    pub(super) arrived: &'static str,
    /// openid, account, delivery
    pub(super) arrival: &'static str,
    /// openid, account, service, expires_at, now, now, expires_at
    pub(super) count: &'static str,
    /// openid, account, service
    pub(super) counted: &'static str,
    /// now · now · openid, account, now
    pub(super) waiting: &'static str,
    /// replica, tries more if it is this one's, replica, openid, account, delivery, replica, now
    pub(super) take_over: &'static str,
    /// openid, account, delivery
    pub(super) message: &'static str,
    /// answer, expires_at, openid, account, delivery, replica
    pub(super) finish: &'static str,
    /// answer, expires_at, given to, lasts, openid, account, delivery, replica
    pub(super) finish_given: &'static str,
    /// openid, account, delivery
    pub(super) answer: &'static str,
    /// account, now · now
    pub(super) orphans: &'static str,
    /// openid, account, delivery
    pub(super) pushable: &'static str,
    /// now, openid, account, delivery
    pub(super) lives: &'static str,
    /// openid, account, service
    pub(super) uncount: &'static str,
    /// given, given to, until, openid, account, delivery, given before, until before
    pub(super) give: &'static str,
    /// openid, account, given to
    pub(super) being_given: &'static str,
    /// openid, account, delivery, given to
    pub(super) part_has_arrived: &'static str,
    /// openid, account, delivery, given to
    pub(super) last_has_arrived: &'static str,
    /// given, openid, account, delivery, given before, until before
    pub(super) move_given: &'static str,
    /// openid, account, delivery, given before
    pub(super) give_last: &'static str,
    /// replica, how long
    pub(super) lease: &'static str,
    /// replica
    pub(super) release: &'static str,
    /// openid, account, service, now
    pub(super) drop_expired_turns: &'static str,
    /// openid, account, service, question, answer, expires_at · openid, account, service
    pub(super) add_turn: &'static str,
    /// expires_at, openid, account, service
    pub(super) prolong_turns: &'static str,
    /// openid, account, service, now, most
    pub(super) turns: &'static str,
    /// openid, account, service
    pub(in crate::store) clear_turns: &'static str,
    /// openid, account
    pub(in crate::store) clear_turns_of_follower: &'static str,
    /// openid, account, delivery
    pub(in crate::store) clear_others_of_follower: &'static str,
    /// answer, now, openid, account, delivery
    pub(in crate::store) answer_others_of_follower: &'static str,
    /// openid, account, delivery
    pub(in crate::store) clear_other_arrivals_of_follower: &'static str,
    /// now, each; questions first
    pub(super) sweep: [&'static str; 4],
    /// leased until
    pub(super) sweep_replicas: &'static str,
    /// openid
    pub(in crate::store) export_questions: &'static str,
    /// openid
    pub(in crate::store) export_turns: &'static str,
    /// openid
    pub(in crate::store) export_counts: &'static str,
    /// openid
    pub(in crate::store) export_arrivals: &'static str,
}

/// What reads the clock of the database, as its dialect has it.
macro_rules! at_time {
    (now_ms, $now:literal) => {
        concat!("SELECT ", $now)
    };
    (arrive, $now:literal) => {
        concat!(
            "INSERT INTO wx_arrivals (openid, account, delivery, times, first_ms, expires_at) \
             VALUES ($1, $2, $3, 1, ",
            $now,
            ", $4) ON CONFLICT (openid, account, delivery) \
             DO UPDATE SET times = wx_arrivals.times + 1"
        )
    };
    (arrived, $now:literal) => {
        concat!(
            "SELECT times, ",
            $now,
            " - first_ms, (SELECT answer FROM wx_deliveries \
             WHERE openid = $1 AND account = $2 AND delivery = $3) FROM wx_arrivals \
             WHERE openid = $4 AND account = $5 AND delivery = $6"
        )
    };
    (lease, $now:literal) => {
        concat!(
            "INSERT INTO wx_replicas (replica, leased_ms) VALUES ($1, ",
            $now,
            " + $2) ON CONFLICT (replica) DO UPDATE SET leased_ms = excluded.leased_ms"
        )
    };
    (finish_given, $now:literal) => {
        concat!(
            "UPDATE wx_questions SET answer = $1, asking = NULL, expires_at = $2, \
             given_to = $3, given_ms = ",
            $now,
            " + $4 WHERE openid = $5 AND account = $6 AND delivery = $7 AND replica = $8 \
             AND asking IS NOT NULL"
        )
    };
}

macro_rules! sqlite {
    ($name:ident) => {
        at_time!($name, "CAST(unixepoch('subsec') * 1000 AS INTEGER)")
    };
}

macro_rules! postgres {
    ($name:ident) => {
        at_time!(
            $name,
            "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
        )
    };
}

pub(in crate::store) const SQLITE: QuestionSql = QuestionSql {
    now_ms: sqlite!(now_ms),
    claim: "INSERT INTO wx_questions (openid, account, delivery, service, asking, message, \
            asked_at, replica, tries, given, expires_at) \
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, 1, 0, $9 WHERE NOT EXISTS (SELECT 1 \
            FROM wx_deliveries WHERE openid = $10 AND account = $11 AND delivery = $12) \
            ON CONFLICT DO NOTHING",
    before: "SELECT (SELECT answer FROM wx_deliveries \
             WHERE openid = $1 AND account = $2 AND delivery = $3), \
             (SELECT COUNT(*) FROM wx_questions \
             WHERE openid = $4 AND account = $5 AND delivery = $6)",
    open: "SELECT account, MAX(expires_at) FROM wx_questions GROUP BY account",
    is_there: "SELECT COUNT(*) FROM wx_questions \
               WHERE openid = $1 AND account = $2 AND delivery = $3",
    set_aside: "UPDATE wx_questions SET asking = NULL \
                WHERE openid = $1 AND account = $2 AND asking = $3 AND NOT EXISTS (SELECT 1 \
                FROM wx_replicas WHERE wx_replicas.replica = wx_questions.replica \
                AND leased_ms > $4)",
    arrive: sqlite!(arrive),
    arrived: sqlite!(arrived),
    arrival: "SELECT times, first_ms FROM wx_arrivals \
              WHERE openid = $1 AND account = $2 AND delivery = $3",
    count: "INSERT INTO wx_counts (openid, account, service, used, expires_at) \
            VALUES ($1, $2, $3, 1, $4) ON CONFLICT (openid, account, service) DO UPDATE SET \
            used = CASE WHEN wx_counts.expires_at <= $5 THEN 1 ELSE wx_counts.used + 1 END, \
            expires_at = CASE WHEN wx_counts.expires_at <= $6 THEN $7 \
            ELSE wx_counts.expires_at END",
    counted: "SELECT used FROM wx_counts WHERE openid = $1 AND account = $2 AND service = $3",
    waiting: "SELECT delivery, service, CASE WHEN answer IS NOT NULL THEN 2 \
              WHEN asking IS NOT NULL THEN 1 ELSE 0 END, replica, given, \
              CASE WHEN EXISTS (SELECT 1 FROM wx_replicas \
              WHERE wx_replicas.replica = wx_questions.replica AND leased_ms > $1) \
              THEN 1 ELSE 0 END, CASE WHEN given_ms > $2 THEN 1 ELSE 0 END FROM wx_questions \
              WHERE openid = $3 AND account = $4 AND expires_at > $5 \
              ORDER BY 3 DESC, asked_at, delivery LIMIT 16",
    // From left to right: in MySQL the second sees what the first has set.
    take_over: "UPDATE wx_questions SET \
                tries = tries + CASE WHEN replica = $1 THEN $2 ELSE 1 END, replica = $3, \
                asking = service \
                WHERE openid = $4 AND account = $5 AND delivery = $6 AND answer IS NULL \
                AND (asking IS NULL OR replica = $7 OR NOT EXISTS (SELECT 1 FROM wx_replicas \
                WHERE wx_replicas.replica = wx_questions.replica AND leased_ms > $8))",
    message: "SELECT service, message, asked_at, tries FROM wx_questions \
              WHERE openid = $1 AND account = $2 AND delivery = $3",
    finish: "UPDATE wx_questions SET answer = $1, asking = NULL, expires_at = $2 \
             WHERE openid = $3 AND account = $4 AND delivery = $5 AND replica = $6 \
             AND asking IS NOT NULL",
    finish_given: sqlite!(finish_given),
    answer: "SELECT answer, given, COALESCE(given_ms, 0) FROM wx_questions \
             WHERE openid = $1 AND account = $2 AND delivery = $3 AND answer IS NOT NULL",
    orphans: "SELECT openid, account, delivery FROM wx_questions \
              WHERE account = $1 AND expires_at > $2 AND answer IS NULL AND (asking IS NULL OR NOT EXISTS ( \
              SELECT 1 FROM wx_replicas WHERE wx_replicas.replica = wx_questions.replica \
              AND leased_ms > $3)) ORDER BY asked_at, delivery LIMIT 64",
    pushable: "SELECT replica, given, COALESCE(given_ms, 0) FROM wx_questions \
               WHERE openid = $1 AND account = $2 AND delivery = $3 AND answer IS NOT NULL",
    lives: "SELECT COUNT(*) FROM wx_replicas WHERE leased_ms > $1 AND replica = ( \
            SELECT replica FROM wx_questions \
            WHERE openid = $2 AND account = $3 AND delivery = $4)",
    uncount: "UPDATE wx_counts SET used = used - 1 \
              WHERE openid = $1 AND account = $2 AND service = $3 AND used > 0",
    give: "UPDATE wx_questions SET given = $1, given_to = $2, given_ms = $3 \
           WHERE openid = $4 AND account = $5 AND delivery = $6 AND given = $7 \
           AND COALESCE(given_ms, 0) = $8",
    being_given: "SELECT delivery, answer, given FROM wx_questions \
                  WHERE openid = $1 AND account = $2 AND given_to = $3 AND answer IS NOT NULL",
    part_has_arrived: "UPDATE wx_questions \
                       SET given = given + 1, given_to = NULL, given_ms = NULL WHERE openid = $1 \
                       AND account = $2 AND delivery = $3 AND given_to = $4",
    last_has_arrived: "DELETE FROM wx_questions WHERE openid = $1 AND account = $2 \
                       AND delivery = $3 AND given_to = $4",
    move_given: "UPDATE wx_questions SET given = $1, given_to = NULL, given_ms = NULL \
                 WHERE openid = $2 AND account = $3 AND delivery = $4 AND given = $5 \
                 AND COALESCE(given_ms, 0) = $6",
    give_last: "DELETE FROM wx_questions \
                WHERE openid = $1 AND account = $2 AND delivery = $3 AND given = $4",
    lease: sqlite!(lease),
    release: "DELETE FROM wx_replicas WHERE replica = $1",
    drop_expired_turns: "DELETE FROM wx_turns \
                         WHERE openid = $1 AND account = $2 AND service = $3 AND expires_at <= $4",
    add_turn: "INSERT INTO wx_turns \
               (openid, account, service, position, question, answer, expires_at) \
               SELECT $1, $2, $3, last.position + 1, $4, $5, $6 FROM ( \
               SELECT COALESCE(MAX(position), 0) AS position FROM wx_turns \
               WHERE openid = $7 AND account = $8 AND service = $9) AS last",
    prolong_turns: "UPDATE wx_turns SET expires_at = $1 \
                    WHERE openid = $2 AND account = $3 AND service = $4",
    turns: "SELECT question, answer FROM wx_turns \
            WHERE openid = $1 AND account = $2 AND service = $3 AND expires_at > $4 \
            ORDER BY position DESC LIMIT $5",
    clear_turns: "DELETE FROM wx_turns WHERE openid = $1 AND account = $2 AND service = $3",
    clear_turns_of_follower: "DELETE FROM wx_turns WHERE openid = $1 AND account = $2",
    clear_others_of_follower: "DELETE FROM wx_questions \
                               WHERE openid = $1 AND account = $2 AND delivery <> $3",
    answer_others_of_follower: "INSERT INTO wx_deliveries \
                                (openid, account, delivery, answer, answered_at) \
                                SELECT openid, account, delivery, $1, $2 FROM wx_arrivals \
                                WHERE openid = $3 AND account = $4 AND delivery <> $5 \
                                ON CONFLICT (openid, account, delivery) DO NOTHING",
    clear_other_arrivals_of_follower: "DELETE FROM wx_arrivals \
                                       WHERE openid = $1 AND account = $2 AND delivery <> $3",
    sweep: [
        "DELETE FROM wx_questions WHERE expires_at <= $1",
        "DELETE FROM wx_arrivals WHERE expires_at <= $1",
        "DELETE FROM wx_turns WHERE expires_at <= $1",
        "DELETE FROM wx_counts WHERE expires_at <= $1",
    ],
    sweep_replicas: "DELETE FROM wx_replicas WHERE leased_ms <= $1",
    export_questions: "SELECT account, service, message, answer, asked_at FROM wx_questions \
                       WHERE openid = $1 ORDER BY account, asked_at, delivery",
    export_turns: "SELECT account, service, question, answer, expires_at FROM wx_turns \
                   WHERE openid = $1 ORDER BY account, service, position",
    export_counts: "SELECT account, service, used, expires_at FROM wx_counts \
                    WHERE openid = $1 ORDER BY account, service",
    export_arrivals: "SELECT account, delivery, times, expires_at FROM wx_arrivals \
                      WHERE openid = $1 ORDER BY account, expires_at, delivery",
};

pub(in crate::store) const POSTGRES: QuestionSql = QuestionSql {
    now_ms: postgres!(now_ms),
    arrive: postgres!(arrive),
    arrived: postgres!(arrived),
    finish_given: postgres!(finish_given),
    lease: postgres!(lease),
    ..SQLITE
};

macro_rules! mysql {
    ($name:ident) => {
        marked!(at_time!(
            $name,
            "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
        ))
    };
}

pub(in crate::store) const MYSQL: QuestionSql = QuestionSql {
    now_ms: mysql!(now_ms),
    claim: "INSERT INTO wx_questions (openid, account, delivery, service, asking, message, \
            asked_at, replica, tries, given, expires_at) \
            SELECT ?, ?, ?, ?, ?, ?, ?, ?, 1, 0, ? FROM DUAL WHERE NOT EXISTS (SELECT 1 \
            FROM wx_deliveries WHERE openid = ? AND account = ? AND delivery = ?)",
    before: of!(before),
    open: of!(open),
    is_there: of!(is_there),
    set_aside: of!(set_aside),
    arrive: "INSERT INTO wx_arrivals (openid, account, delivery, times, first_ms, expires_at) \
             VALUES (?, ?, ?, 1, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED), ?) \
             ON DUPLICATE KEY UPDATE times = times + 1",
    arrived: mysql!(arrived),
    arrival: of!(arrival),
    // From left to right: the count is begun anew before its end is moved.
    count: "INSERT INTO wx_counts (openid, account, service, used, expires_at) \
            VALUES (?, ?, ?, 1, ?) ON DUPLICATE KEY UPDATE \
            used = CASE WHEN expires_at <= ? THEN 1 ELSE used + 1 END, \
            expires_at = CASE WHEN expires_at <= ? THEN ? ELSE expires_at END",
    counted: of!(counted),
    waiting: of!(waiting),
    take_over: of!(take_over),
    message: of!(message),
    finish: of!(finish),
    finish_given: mysql!(finish_given),
    answer: of!(answer),
    orphans: of!(orphans),
    pushable: of!(pushable),
    lives: of!(lives),
    uncount: of!(uncount),
    give: of!(give),
    being_given: of!(being_given),
    part_has_arrived: of!(part_has_arrived),
    last_has_arrived: of!(last_has_arrived),
    move_given: of!(move_given),
    give_last: of!(give_last),
    lease: "INSERT INTO wx_replicas (replica, leased_ms) \
            VALUES (?, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) + ?) \
            ON DUPLICATE KEY UPDATE leased_ms = VALUES(leased_ms)",
    release: of!(release),
    drop_expired_turns: of!(drop_expired_turns),
    add_turn: of!(add_turn),
    prolong_turns: of!(prolong_turns),
    turns: of!(turns),
    clear_turns: of!(clear_turns),
    clear_turns_of_follower: of!(clear_turns_of_follower),
    clear_others_of_follower: of!(clear_others_of_follower),
    answer_others_of_follower: "INSERT INTO wx_deliveries \
                                (openid, account, delivery, answer, answered_at) \
                                SELECT openid, account, delivery, ?, ? FROM wx_arrivals \
                                WHERE openid = ? AND account = ? AND delivery <> ? \
                                ON DUPLICATE KEY UPDATE \
                                wx_deliveries.answer = wx_deliveries.answer",
    clear_other_arrivals_of_follower: of!(clear_other_arrivals_of_follower),
    sweep: [of!(sweep[0]), of!(sweep[1]), of!(sweep[2]), of!(sweep[3])],
    sweep_replicas: of!(sweep_replicas),
    export_questions: of!(export_questions),
    export_turns: of!(export_turns),
    export_counts: of!(export_counts),
    export_arrivals: of!(export_arrivals),
};
