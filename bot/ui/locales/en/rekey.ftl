# limner rekey.
rekey-ask = A new LIMNER_DATA_KEY is made and written into { $file }, and the database is sealed with it. Backups from before go on needing the old key. Go on?
rekey-unchanged = Nothing was changed.
rekey-done = The database is sealed with a new key, which is in { $file }. Keep a copy of it in a second place, then start Limner.
rekey-broken = { $count } rows could not be opened with the old key either, and stay as they are.
rekey-elsewhere = { $name } is set neither in { $file } of this directory nor by { $name }_FILE, or the environment sets it as well, so it cannot be replaced there: put it into { $file } alone, then run limner rekey again.
rekey-unwritable = { $file } cannot be replaced here ({ $why }), and the new key has to go there, so nothing was changed: run limner rekey where it can be, as the user that Limner runs as.
rekey-plain = The database in LIMNER_HOME { $home } is not sealed, so it has no key to change; once LIMNER_DATA_KEY is set, the next start seals it.
rekey-failed = The database was not sealed anew ({ $why }); run limner rekey again once that is mended.
