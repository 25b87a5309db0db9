# 按钮。
button-again = 再画一张
button-details = 详情
button-delete = 删除
button-cancel = 取消
deleted = 已删除。
cancelled = 已取消，没有计数。
