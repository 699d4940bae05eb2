//! What every part of the engine works with: the context, the connections, the metadata.

use crate::engine::ctx::Ctx;
use crate::engine::metadata::Metadata;
use crate::engine::net::Net;

/// Passed down by `&mut` beside the part that handles something.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) ctx: Ctx,
    pub(crate) net: Net,
    pub(crate) metadata: Metadata,
}
