# limner rekey。
rekey-ask = 将生成新的 LIMNER_DATA_KEY 写入 { $file }，并用它重新加密数据库。之前的备份仍然需要旧密钥。继续吗？
rekey-unchanged = 什么都没改。
rekey-done = 数据库已用新密钥加密，密钥在 { $file } 里。请在另一个地方也保存一份，然后启动 Limner。
rekey-broken = 有 { $count } 行用旧密钥也打不开，保持原样。
rekey-elsewhere = 当前目录的 { $file } 里没有设置 { $name }，也没有用 { $name }_FILE 指定文件，或者环境变量里也设置了它，所以无法在那里替换：请只在 { $file } 里设置它，再运行 limner rekey。
rekey-unwritable = 新密钥要写进 { $file }，但这里无法替换它（{ $why }），所以什么都没改：请在可以替换的地方，以运行 Limner 的用户运行 limner rekey。
rekey-plain = LIMNER_HOME { $home } 里的数据库没有加密，所以没有密钥可换；设置 LIMNER_DATA_KEY 后，下次启动会加密它。
rekey-failed = 数据库没有重新加密（{ $why }）；解决后请再运行 limner rekey。
