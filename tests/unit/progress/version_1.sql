-- What the first kit wrote (version 1), as SQL. Files of learners look like this: never edit it.
BEGIN TRANSACTION;
CREATE TABLE answers (
        id INTEGER PRIMARY KEY, bank TEXT NOT NULL, question TEXT NOT NULL,
        answer TEXT NOT NULL, correct INTEGER NOT NULL, at TEXT NOT NULL);
INSERT INTO "answers" VALUES(1,'start','q1','{"value": "a", "first_try": false}',0,'2026-01-02T03:04:39+00:00');
INSERT INTO "answers" VALUES(2,'start','q1','{"value": "b", "first_try": false}',1,'2026-01-02T03:04:40+00:00');
CREATE TABLE checks (
        id INTEGER PRIMARY KEY, exercise TEXT NOT NULL, passed INTEGER NOT NULL,
        seconds REAL NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL);
INSERT INTO "checks" VALUES(1,'1.1',0,1.5,'learner','2026-01-02T03:04:39+00:00');
INSERT INTO "checks" VALUES(2,'1.1',1,0.5,'learner','2026-01-02T03:04:39+00:00');
INSERT INTO "checks" VALUES(3,'1.2',1,9.0,'kit','2026-01-02T03:04:39+00:00');
CREATE TABLE hints (exercise TEXT PRIMARY KEY, shown INTEGER NOT NULL);
INSERT INTO "hints" VALUES('1.1',2);
CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "notes" VALUES('passed files 1.2','{"tests/test_features.py": "abc"}');
CREATE TABLE solutions (
        exercise TEXT NOT NULL, how TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (exercise, how));
INSERT INTO "solutions" VALUES('1.2','used','2026-01-02T03:04:39+00:00');
CREATE TABLE writes (count INTEGER NOT NULL);
INSERT INTO "writes" VALUES(8);
COMMIT;
PRAGMA user_version = 1;
