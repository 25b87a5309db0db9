# 详情。
details-title = 详情
details-understood = 理解为
details-words = 原话
details-prompt = 提示词
details-negative = 排除
details-seed = 种子
details-steps = 步数
details-size = 尺寸
details-model = 模型
details-seconds = 用时
details-seconds-value = { $seconds } 秒
details-style = 风格
details-strength = 强度
details-guidance = 贴合度
details-ancestors = 由来
details-private = 一张私密的图
details-deleted = { $shows }（已删除）
