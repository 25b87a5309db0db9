# limner backup and limner restore.
backup-done = Saved { $file }: the database, version { $version }, { $size } MB, checked.
backup-left-out = Not in it: .env with the token and the data key, models, and limner.secret in LIMNER_HOME, without which requests of people who erased their data no longer count against their limits. Keep .env somewhere else than the backup.
backup-sealed = What people wrote is sealed in it; to read it after a restore, Limner needs the same data key.
backup-nothing = There is no database in LIMNER_HOME { $home } yet, so there is nothing to back up.
backup-nowhere = There is no directory { $directory }; create it first.
backup-exists = { $file } exists already, and a backup never replaces a file; name another.
backup-damaged = The database { $database } is damaged ({ $why }), so no backup was written; restore an older one.
backup-failed = { $file } was not used ({ $why }), and nothing was changed; check the name, the free space and the permissions.
restore-done = Restored { $file }: the database, version { $version }, as it was at { $when }.
restore-ask = The backup is of { $when }. It replaces { $database }, which is kept beside it. Replace it?
restore-unasked = There is a database already, { $database }, and no terminal to ask on; add --yes to replace it.
restore-unchanged = The database was left as it was.
restore-kept = The database that was there is now { $file }; delete it when all is well, since what people erase from now on stays in it.
restore-sealed = What people wrote is sealed in it: start Limner with the data key that it had then.
restore-damaged = { $file } is no whole backup of Limner's ({ $why }), and nothing was changed; use another.
restore-newer = { $file } was written by Limner { $limner }, which is newer than this one ({ $own }), and nothing was changed; upgrade Limner first.
