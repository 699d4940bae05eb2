//! ControlRecordTypeSchema, version 0: TODO.

use crate::schema::messages;

messages! {
    /// TODO.
    ControlRecordTypeSchema = versions 0..=0 {
        /// TODO.
        r#type: i16 [0..],
    }
}
