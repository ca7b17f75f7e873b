//! What WeChat documents of its messages: types, events, and which elements each type has.

use crate::message::same_name;

/// The types of messages with the elements of their own.
///
/// From `/doc/service/guide/product/message/Receiving_standard_messages`.
const MESSAGES: [(&str, &[&str]); 7] = [
    ("text", &["content", "bizmsgmenuid"]),
    ("image", &["pic_url", "media_id"]),
    (
        "voice",
        &["media_id", "format", "recognition", "media_id_16k"],
    ),
    ("video", &["media_id", "thumb_media_id"]),
    ("shortvideo", &["media_id", "thumb_media_id"]),
    ("location", &["location_x", "location_y", "scale", "label"]),
    ("link", &["title", "description", "url"]),
];

/// What every message has, or can have when it comes from an article.
const COMMON: [&str; 7] = [
    "to_user_name",
    "from_user_name",
    "create_time",
    "msg_type",
    "msg_id",
    "msg_data_id",
    "idx",
];

/// Types that are seen and not documented with the others.
const OTHER_TYPES: [&str; 5] = [
    "event",
    "file",
    "miniprogrampage",
    "device_text",
    "device_event",
];

/// From `/doc/service/guide/product/message/Receiving_event_pushes` and the pages it links to.
pub(super) const EVENTS: &[&str] = &[
    "annual_renew",
    "card_not_pass_check",
    "card_pass_check",
    "card_pay_order",
    "card_sku_remind",
    "click",
    "cloud_invoice_invoiceresult_event",
    "debug_demo",
    "giftcard_pay_done",
    "giftcard_send_to_friend",
    "giftcard_user_accept",
    "guide_qrcode_scan_event",
    "kf_close_session",
    "kf_create_session",
    "kf_switch_session",
    "location",
    "location_select",
    "masssendjobfinish",
    "merchant_order",
    "naming_verify_fail",
    "naming_verify_success",
    "pic_photo_or_album",
    "pic_sysphoto",
    "pic_weixin",
    "poi_check_notify",
    "publishjobfinish",
    "freepublishjobfinish",
    "qualification_verify_fail",
    "qualification_verify_success",
    "scan",
    "scancode_push",
    "scancode_waitmsg",
    "shakearoundusershake",
    "submit_invoice_title",
    "submit_membercard_user_info",
    "subscribe",
    "subscribe_msg_change_event",
    "subscribe_msg_popup_event",
    "subscribe_msg_sent_event",
    "templatesendjobfinish",
    "unsubscribe",
    "update_invoice_status",
    "update_member_card",
    "user_authorization_cancellation",
    "user_authorization_revoke",
    "user_authorize_invoice",
    "user_consume_card",
    "user_del_card",
    "user_enter_session_from_card",
    "user_enter_tempsession",
    "user_get_card",
    "user_gifting_card",
    "user_info_modified",
    "user_pay_from_pay_cell",
    "user_scan_product",
    "user_scan_product_async",
    "user_scan_product_enter_session",
    "user_scan_product_verify_action",
    "user_view_card",
    "verify_expired",
    "view",
    "view_miniprogram",
    "weapp_audit_delay",
    "weapp_audit_fail",
    "weapp_audit_success",
    "wificonnected",
    "wxa_media_check",
];

/// What Chinese writers call types and events, with WeChat's own names.
const IN_CHINESE: [(&str, &str); 13] = [
    ("文字", "text"),
    ("文本", "text"),
    ("图片", "image"),
    ("语音", "voice"),
    ("视频", "video"),
    ("位置", "location"),
    ("链接", "link"),
    ("事件", "event"),
    ("关注", "subscribe"),
    ("取消关注", "unsubscribe"),
    ("扫码", "SCAN"),
    ("点击", "CLICK"),
    ("菜单", "CLICK"),
];

/// WeChat's name for a Chinese one.
pub(super) fn in_english(name: &str) -> Option<&'static str> {
    let mut names = IN_CHINESE.iter();
    names
        .find(|(chinese, _)| *chinese == name)
        .map(|(_, english)| *english)
}

pub(super) fn types() -> impl Iterator<Item = &'static str> {
    let messages = MESSAGES.iter().map(|(name, _)| *name);
    messages.chain(OTHER_TYPES)
}

/// Whether a type is that of a message whose elements are all known.
pub(super) fn is_message(name: &str) -> bool {
    MESSAGES.iter().any(|(message, _)| *message == name)
}

/// Whether messages of a type come without this element, for certain.
pub(super) fn lacks(name: &str, element: &str) -> bool {
    let mut messages = MESSAGES.iter();
    messages
        .find(|(message, _)| *message == name)
        .is_some_and(|(_, own)| {
            let mut elements = own.iter().chain(&COMMON);
            !elements.any(|known| same_name(known, element))
        })
}

/// Whether messages of a type come without a text, for certain.
pub(super) fn has_no_text(name: &str) -> bool {
    name == "event" || lacks(name, "content")
}
