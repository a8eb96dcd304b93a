"""Chinese surnames: those of nearly all people, and which of them are also everyday words."""

from __future__ import annotations

# The hundred of most people (Ministry of Public Security, yearly list of names), then others in use.
COMMON = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘蔡蒋余于杜叶程魏苏吕丁"
    "任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴"
    "严莫孔向常"
)
RARE = frozenset(
    "汤康易乔赖文庞樊兰殷施洪翟安颜倪牛温芦季俞章鲁葛伍申尤毕聂柴焦柳邢岳齐沿梅莉庄辛管祝左涂谷祁时舒"
    "耿卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强丛华车冉"
    "房边应褚娄窦邬虞厉仇竺楼骆池喻滕全冷巫阎缪蒲练吉佘邝连臧戚郁卓蓝胥苟丘尚刁党晏"
)
_DOUBLE_LIST = """
欧阳 司马 上官 诸葛 司徒 东方 皇甫 尉迟 公孙 令狐 慕容 夏侯 端木 长孙 宇文 轩辕 南宫
"""
DOUBLE = frozenset(_DOUBLE_LIST.split())

# Words that begin like a name and follow "I am" or stand before a number.
_NOT_NAMES_LIST = """
高中 高速 高层 高铁 高二 高三 高一 路过 马上 马路 金华 金额 江西 江苏 安徽 安全 安装 黄岩 黄色 华侨
白天 白色 万达 万一 方便 方向 时候 时间 任何 成年 成都 应该 于是 全部 全家 关于 关键 单位 单元 单亲
房东 房子 房间 车主 车上 车库 车祸 常住 常年 温州 温岭 温泉 石头 石桥 田里 江边 向你 向我 何时 何事
游客 连续 连夜 文明 文化 武汉 段时 管理 管委 党员 党委 解决 包工 包裹 强烈 司机 司法 左右 左边 位于
位置 查询 查到 成功 项目 平时 项链 边上 龙头 雷雨 严重 陆续 祝您 盛大 钱包 钱款 毛坯 施工 店里 景区
景点 曾经 许多 许久 余额 余款 汪汪 程序 孔庙 史上 易燃 甘肃 宁波 宁海 台州 谷歌 康复 向阳 夏天 童装
季度 章程 申请 申诉 牛奶 焦急 尤其 庄稼 辛苦 谢谢 钟头 柴油 东方红 东方路 南宫山 长孙女 周边 周围
周一 周二 周三 周四 周五 周六 周日 周末 林业 林场 林区 唐山 胡同 胡说 金店 金银 金属 叶子 顾客 顾虑
范围 梁上 沈阳 石化 陶瓷 贾汪 苏州 杭州 郑州 徐州 常州 吕梁 杨梅 黄金 黄鱼 马达 马桶 余姚 桂花 梅雨
欧元 安保 安置 时常 成人 曲艺 车辆 车牌 车位 全国 全县 全镇 关门 关机 应急 应当
"""
NOT_NAMES = tuple(_NOT_NAMES_LIST.split())
