//! The names of the elements that WeChat documents for messages and events.

use crate::message::same_name;
use crate::rules::nearest;

/// Every documented element in snake_case, dotted when nested, in alphabetical order.
///
/// From `/doc/service/guide/product/message/Receiving_standard_messages` and
/// `Receiving_event_pushes`, and the pages on menus, cards and authorization that they link to.
pub const ELEMENTS: &[&str] = &[
    "app_id",
    "article_url_result.count",
    "article_url_result.result_list.item.article_idx",
    "article_url_result.result_list.item.article_url",
    "bizmsgmenuid",
    "card_id",
    "close_type",
    "consume_source",
    "content",
    "copyright_check_result.check_state",
    "copyright_check_result.count",
    "copyright_check_result.result_list.item.article_idx",
    "copyright_check_result.result_list.item.audit_state",
    "copyright_check_result.result_list.item.can_reprint",
    "copyright_check_result.result_list.item.need_replace_content",
    "copyright_check_result.result_list.item.need_show_reprint_source",
    "copyright_check_result.result_list.item.original_article_type",
    "copyright_check_result.result_list.item.original_article_url",
    "copyright_check_result.result_list.item.user_declare_state",
    "create_time",
    "debug_str",
    "description",
    "device_id",
    "device_type",
    "error_count",
    "event",
    "event_key",
    "expired_time",
    "fail_reason",
    "fail_time",
    "file_key",
    "file_md5",
    "file_total_len",
    "filter_count",
    "format",
    "friend_user_name",
    "from_kf_account",
    "from_user_name",
    "idx",
    "is_give_by_friend",
    "is_restore_member_card",
    "kf_account",
    "label",
    "latitude",
    "location_x",
    "location_y",
    "longitude",
    "media_id",
    "media_id_16k",
    "menu_id",
    "modify_balance",
    "modify_bonus",
    "msg_data_id",
    "msg_id",
    "msg_type",
    "old_user_card_code",
    "open_id",
    "order_id",
    "outer_id",
    "outer_str",
    "page_path",
    "pic_url",
    "precision",
    "publish_event_info.article_detail.count",
    "publish_event_info.article_detail.item.article_url",
    "publish_event_info.article_detail.item.idx",
    "publish_event_info.article_id",
    "publish_event_info.fail_idx",
    "publish_event_info.publish_id",
    "publish_event_info.publish_status",
    "recognition",
    "refuse_reason",
    "remark_amount",
    "revoke_info",
    "scale",
    "scan_code_info.scan_result",
    "scan_code_info.scan_type",
    "send_location_info.label",
    "send_location_info.location_x",
    "send_location_info.location_y",
    "send_location_info.poiname",
    "send_location_info.scale",
    "send_pics_info.count",
    "send_pics_info.pic_list.item.pic_md5_sum",
    "sent_count",
    "session_from",
    "session_id",
    "staff_open_id",
    "status",
    "subscribe_msg_change_event.list.popup_scene",
    "subscribe_msg_change_event.list.subscribe_status_string",
    "subscribe_msg_change_event.list.template_id",
    "subscribe_msg_popup_event.list.popup_scene",
    "subscribe_msg_popup_event.list.subscribe_status_string",
    "subscribe_msg_popup_event.list.template_id",
    "subscribe_msg_sent_event.list.error_code",
    "subscribe_msg_sent_event.list.error_status",
    "subscribe_msg_sent_event.list.msg_id",
    "subscribe_msg_sent_event.list.template_id",
    "thumb_media_id",
    "thumb_url",
    "ticket",
    "title",
    "to_kf_account",
    "to_user_name",
    "total_count",
    "trans_id",
    "union_id",
    "url",
    "user_card_code",
    "verify_code",
];

/// Whether WeChat documents such an element. The position of underscores does not matter, as no two
/// elements differ only in that; capitals belong to WeChat's spelling, not to ours.
pub fn is_known(path: &str) -> bool {
    !path.contains(|letter: char| letter.is_ascii_uppercase()) && spelled(path).is_some()
}

/// The documented element that a path most likely means.
pub fn nearest(path: &str) -> Option<&'static str> {
    respelled(path).or_else(|| nearest::nearest(path, ELEMENTS.iter().copied()))
}

/// The same element in our spelling, or the nested one whose last part it is.
pub fn respelled(path: &str) -> Option<&'static str> {
    let nested = || {
        let mut paths = ELEMENTS.iter().copied();
        paths.find(|known| {
            known
                .rsplit_once('.')
                .is_some_and(|(_, last)| same_name(last, path))
        })
    };
    spelled(path).or_else(nested)
}

fn spelled(path: &str) -> Option<&'static str> {
    let mut paths = ELEMENTS.iter().copied();
    paths.find(|known| same_name(known, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_names_each_element_once() {
        assert!(ELEMENTS.is_sorted());
        for (index, name) in ELEMENTS.iter().enumerate() {
            let mut before = ELEMENTS.iter().take(index);
            assert!(!before.any(|earlier| same_name(earlier, name)), "{name}");
            assert!(is_known(name), "{name}");
        }
    }

    #[test]
    fn lower_case_is_known_with_underscores_anywhere_and_capitals_are_not() {
        for (path, known) in [
            ("media_id", true),
            ("mediaid", true),
            ("media_id16k", true),
            ("biz_msg_menu_id", true),
            ("scan_code_info.scan_result", true),
            ("MediaId", false),
            ("scan_code_info", false),
            ("scan_result", false),
            ("", false),
        ] {
            assert_eq!(is_known(path), known, "{path}");
        }
    }

    #[test]
    fn a_path_that_is_almost_an_element_finds_it() {
        for (path, meant) in [
            ("MediaId", Some("media_id")),
            ("Location_X", Some("location_x")),
            ("MsgID", Some("msg_id")),
            ("scan_result", Some("scan_code_info.scan_result")),
            ("ScanResult", Some("scan_code_info.scan_result")),
            ("recogniton", Some("recognition")),
            (
                "scan_code_info.scan_resutl",
                Some("scan_code_info.scan_result"),
            ),
            ("天气", None),
            ("b", None),
        ] {
            assert_eq!(nearest(path), meant, "{path}");
        }
    }
}
