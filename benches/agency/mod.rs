//! The rule file of an agency: keywords made of everyday words, and messages made of the same
//! words, so that nearly every message nearly matches many rules. The same at every run.

use std::fmt::Write;

const WORDS: &str = "\
    你好 天气 价格 多少 怎么 地址 电话 时间 上班 下班 周末 营业 预约 取消 订单 查询 快递 物流 发货 \
    退货 退款 换货 售后 客服 人工 转接 投诉 建议 会员 积分 优惠 活动 打折 满减 红包 抽奖 礼品 兑换 \
    充值 余额 账单 发票 合同 报价 方案 案例 合作 加盟 代理 招聘 简历 面试 工资 社保 公积金 保险 理赔 \
    体检 挂号 医生 门诊 住院 药品 疫苗 课程 报名 考试 成绩 证书 老师 学校 专业 学费 奖学金 宿舍 图书 \
    借书 还书 续借 座位 停车 路线 公交 地铁 车票 机票 酒店 房间 入住 退房 早餐 菜单 外卖 点餐 排队 \
    包间 套餐 团购 新品 爆款 库存 尺码 颜色 材质 品牌 正品 授权 防伪 质保 维修 安装 说明书 教程 视频 \
    下载 升级 版本 密码 登录 注册 绑定 解绑 手机 邮箱 实名 认证 审核 进度 结果 通知 公告 政策 办事 \
    窗口 材料 表格 流程 年检 违章 驾照 护照 签证 户口 身份证 水费 电费 燃气 宽带 话费 流量 套餐包 欠费 \
    停机 复机 贷款 利率 信用卡 还款 分期 理财 基金 股票 行情 开户 转账 限额 汇率 网点 景点 门票 导游 \
    攻略 特产 温泉 滑雪 露营 亲子 摄影 婚礼 定制 花店 蛋糕 生日 节日 祝福 音乐 电影 小说 笑话 星座";

/// Chooses the same at every run.
pub struct Random {
    state: u64,
    words: Vec<&'static str>,
}

impl Random {
    pub fn new(seed: u64) -> Random {
        Random {
            state: seed,
            words: WORDS.split_whitespace().collect(),
        }
    }

    pub fn below(&mut self, sides: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.state;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((value ^ (value >> 31)) % sides as u64) as usize
    }

    fn word(&mut self) -> &'static str {
        let place = self.below(self.words.len());
        self.words[place]
    }

    fn keyword(&mut self) -> String {
        let words = 1 + self.below(3);
        let mut keyword: String = (0..words).map(|_| self.word()).collect();
        if self.below(4) == 0 {
            let _ = write!(keyword, "{}", self.below(1000));
        }
        keyword
    }
}

/// A rule file of so many rules, of which so many tenths have a regex with captures and the
/// others keywords.
pub fn rules(count: usize, regex_tenths: usize) -> String {
    let mut random = Random::new(7);
    let mut text = "rules:\n".to_owned();
    for number in 0..count {
        let has_regex = number % 10 < regex_tenths;
        let when = match random.below(9) {
            _ if has_regex => {
                let (word, other) = (random.keyword(), random.word());
                match random.below(3) {
                    0 => format!("regex: '^{word} ?([0-9]{{4,12}})$'"),
                    1 => format!("regex: '^{word}(?P<city>.+){other}$'"),
                    _ => format!("regex: '{word}([0-9]{{1,2}})月([0-9]{{1,2}})[日号]'"),
                }
            }
            0..4 => format!("equals: [{}, {}]", random.keyword(), random.keyword()),
            4..6 => format!("prefix: {}", random.keyword()),
            _ => format!("contains: {}", random.keyword()),
        };
        let _ = writeln!(
            text,
            "  - name: 规则{number}\n    when: {{ type: text, {when} }}\n    reply: \"回复{number}：<content> \\n <time>\""
        );
    }
    text
}

/// Texts that followers might send: four to sixty letters.
pub fn texts(count: usize) -> Vec<String> {
    let mut random = Random::new(11);
    let mut texts = Vec::with_capacity(count);
    for _ in 0..count {
        let words = 2 + random.below(12);
        texts.push((0..words).map(|_| random.word()).collect());
    }
    texts
}
