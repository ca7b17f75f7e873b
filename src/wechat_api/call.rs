//! Every call of WeChat's API that the program makes: its path, and how long it may take.

use std::time::Duration;

use serde_json::Value;

use crate::wechat_api::multipart::Form;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    StableToken,
    SendMessage,
    Typing,
    AddMaterial,
    UploadTemporary,
    ListMaterial,
    CountMaterial,
    DeleteMaterial,
    CreateMenu,
    CurrentMenu,
    Menu,
    CreateQrCode,
    AutoreplyInfo,
    Quota,
}

/// What is sent.
pub(super) struct ApiRequest {
    pub(super) call: Call,
    /// Beside the access token.
    pub(super) parameters: Vec<(&'static str, String)>,
    pub(super) body: RequestBody,
}

pub(super) enum RequestBody {
    /// Then the method is GET.
    None,
    Json(Value),
    Form(Form),
}

const TIMEOUT: Duration = Duration::from_secs(15);
/// Ten megabytes over a slow line.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(120);

impl Call {
    /// As WeChat's documentation calls it; so do messages and metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Call::StableToken => "stable_token",
            Call::SendMessage => "message/custom/send",
            Call::Typing => "message/custom/typing",
            Call::AddMaterial => "material/add_material",
            Call::UploadTemporary => "media/upload",
            Call::ListMaterial => "material/batchget_material",
            Call::CountMaterial => "material/get_materialcount",
            Call::DeleteMaterial => "material/del_material",
            Call::CreateMenu => "menu/create",
            Call::CurrentMenu => "get_current_selfmenu_info",
            Call::Menu => "menu/get",
            Call::CreateQrCode => "qrcode/create",
            Call::AutoreplyInfo => "get_current_autoreply_info",
            Call::Quota => "openapi/quota/get",
        }
    }

    pub(super) fn timeout(self) -> Duration {
        match self {
            Call::AddMaterial | Call::UploadTemporary => UPLOAD_TIMEOUT,
            _ => TIMEOUT,
        }
    }
}

impl ApiRequest {
    pub(super) fn get(call: Call) -> ApiRequest {
        ApiRequest {
            call,
            parameters: Vec::new(),
            body: RequestBody::None,
        }
    }

    pub(super) fn json(call: Call, body: Value) -> ApiRequest {
        ApiRequest {
            call,
            parameters: Vec::new(),
            body: RequestBody::Json(body),
        }
    }

    pub(super) fn form(call: Call, kind: &str, form: Form) -> ApiRequest {
        ApiRequest {
            call,
            parameters: vec![("type", kind.to_owned())],
            body: RequestBody::Form(form),
        }
    }
}
