# 风格文件里的错误。
styles-unreadable = LIMNER_STYLES { $file } 读不了（{ $why }）；请指定一个存在且可读的文件，或留空。
styles-not-text = LIMNER_STYLES { $file } 不是 UTF-8 文本；请存为 UTF-8。
styles-long = LIMNER_STYLES { $file } 超过 { $most } 个字符；请少放几个风格。
styles-toml = LIMNER_STYLES { $file } 不是 TOML：{ $why }；请改正那一处。
styles-key = LIMNER_STYLES { $file }：[{ $style }] 不能作风格的键；请用最多 60 个小写字母 a 到 z、数字和单个连字符，例如 [my-style]。
styles-outside = LIMNER_STYLES { $file }：{ $field } 写在风格之外；请在它上面加一行键，例如 [my-style]。
styles-field = LIMNER_STYLES { $file }：[{ $style }] 有字段缺失、不认识或类型不对（{ $why }）；可用的有 name、prompt、description、aliases、things、negative、shape 和 note。
styles-place = LIMNER_STYLES { $file }：[{ $style }] 的 prompt 里有 { $found } 个 { $place }；必须正好一个，放在画面内容的位置。
styles-shape = LIMNER_STYLES { $file }：[{ $style }] 的 shape 是 { $value }；请用 { $choices } 之一，或去掉它。
styles-name = LIMNER_STYLES { $file }：[{ $style }] 没有名字；请写 name = "我的风格"，或 name.en 和其他语言。
styles-words = LIMNER_STYLES { $file }：[{ $style }] 的 { $field } 超过 { $most } 个词；请去掉一些。
styles-blank = LIMNER_STYLES { $file }：[{ $style }] 的 { $field } 里有空白的词；请去掉。
styles-text-long = LIMNER_STYLES { $file }：[{ $style }] 的 { $field } 超过 { $most } 个字符；请缩短。
styles-unprintable = LIMNER_STYLES { $file }：[{ $style }] 的 { $field } 里有无法显示的字符；请重新输入。
styles-twice = LIMNER_STYLES { $file }：“{ $word }”同时指 [{ $other }] 和 [{ $style }]；请从其中一个去掉。
