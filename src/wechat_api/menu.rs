//! The menu below the conversation.

use serde_json::Value;

use crate::wechat_api::ApiAccount;
use crate::wechat_api::call::{Call, Request};
use crate::wechat_api::error::ApiError;

impl ApiAccount {
    /// Replaces the menu; followers see it within five minutes.
    pub(crate) async fn create_menu(&self, menu: &Value) -> Result<(), ApiError> {
        self.tell(Request::json(Call::CreateMenu, menu.clone()))
            .await
    }

    /// The menu as it is, also one that was made in the console.
    pub(crate) async fn current_menu(&self) -> Result<Value, ApiError> {
        self.call(Request::get(Call::CurrentMenu)).await
    }

    pub(crate) async fn delete_menu(&self) -> Result<(), ApiError> {
        self.tell(Request::get(Call::DeleteMenu)).await
    }
}
