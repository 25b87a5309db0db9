# Settings, and what keeps Limner from starting.
settings-whole = { $name }: { $value } is not a whole number from { $low } to { $high }
settings-choice = { $name }: { $value } is not one of { $choices }
settings-limit = { $name }: { $value } is not understood; write a number and hour, day or week, such as 20/hour,100/day
settings-url = { $name }: { $value } is not understood; use unix:/path, http://host:port or https://host
start-sandbox = No DISCORD_TOKEN is set: open { $url } in a browser and type /imagine a boat at sunset
start-home-unwritable = LIMNER_HOME { $home } cannot be written ({ $why }); make it writable, or set another.
start-home-taken = Another limner run uses LIMNER_HOME { $home }; stop it first, or set another.
start-database = The database in LIMNER_HOME { $home } cannot be opened ({ $why }); check the free space and the file's permissions.
start-database-newer = The database has version { $found }, and this Limner knows versions up to { $newest }; run the newer Limner that wrote it, or restore a backup from before the upgrade.
start-port-taken = Port { $port } is taken; stop what uses it, or set { $name } to another.
start-token-refused = Discord refuses DISCORD_TOKEN; copy the bot's token anew from the Developer Portal into .env.
start-intents-refused = Discord refuses the bot's intents, though Limner needs none that are privileged; check the application in the Developer Portal.
start-discord-unreachable = Discord cannot be reached ({ $why }); check the network and start again.
start-engine-settings = The engine does not start with these settings; it says why above.
start-engine-absent = The engine does not answer at { $where }; start it, or leave ENGINE_URL empty for one of Limner's own.
start-engine-ended = The engine ended before it was ready; it says why above.
