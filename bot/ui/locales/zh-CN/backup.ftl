# limner backup 和 limner restore。
backup-done = 已保存 { $file }：数据库，版本 { $version }，{ $size } MB，已校验。
backup-left-out = 其中没有：带 token 和数据密钥的 .env、模型，以及 LIMNER_HOME 里的 limner.secret（没有它，已删除数据的人以前的请求不再计入限额）。请把 .env 保存在备份以外的地方。
backup-sealed = 其中人们写的内容是加密的；恢复以后，Limner 需要同一个数据密钥才能读取。
backup-nothing = LIMNER_HOME { $home } 里还没有数据库，没有可备份的内容。
backup-nowhere = 没有目录 { $directory }；请先创建。
backup-exists = { $file } 已经存在，备份从不覆盖文件；请换个名字。
backup-damaged = 数据库 { $database } 已损坏（{ $why }），没有写出备份；请恢复较早的备份。
backup-failed = 没有使用 { $file }（{ $why }），什么都没有改变；请检查名字、剩余空间和权限。
restore-done = 已恢复 { $file }：数据库，版本 { $version }，{ $when } 时的状态。
restore-ask = 这个备份来自 { $when }。它会取代 { $database }，原来的数据库保留在旁边。要取代吗？
restore-unasked = 已经有一个数据库 { $database }，而这里没有终端可以询问；要取代它，请加上 --yes。
restore-unchanged = 数据库保持原样。
restore-kept = 原来的数据库现在是 { $file }；确认一切正常后请删除它，因为今后人们删除的内容仍在其中。
restore-sealed = 其中人们写的内容是加密的：请用当时的数据密钥启动 Limner。
restore-damaged = { $file } 不是完整的 Limner 备份（{ $why }），什么都没有改变；请换一个。
restore-newer = { $file } 是较新的 Limner { $limner } 写的（这个是 { $own }），什么都没有改变；请先升级 Limner。
