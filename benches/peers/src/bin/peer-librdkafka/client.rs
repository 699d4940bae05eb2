//! A client instance: its properties, its making, its end.

use std::ffi::{CStr, CString, c_char};

use rdkafka_sys as sys;

use sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK;

/// Properties on their way to a client.
pub(crate) struct Conf(*mut sys::rd_kafka_conf_t);

impl Conf {
    /// `common` is what the rows ask for, `over` what the command line puts over it.
    pub(crate) fn new(common: &[(&str, String)], over: &[(&str, &str)]) -> Result<Self, String> {
        // SAFETY: No arguments; the result is owned by `Self` until `Client::new` gives it away.
        let conf = Self(unsafe { sys::rd_kafka_conf_new() });
        for (name, value) in common {
            conf.set(name, value)?;
        }
        for (name, value) in over {
            conf.set(name, value)?;
        }
        Ok(conf)
    }

    fn set(&self, name: &str, value: &str) -> Result<(), String> {
        let (name, value) = (c_string(name)?, c_string(value)?);
        let mut why = [0; 512];
        // SAFETY: The strings end in zero and outlive the call; `why` has the length given.
        let result = unsafe {
            sys::rd_kafka_conf_set(
                self.0,
                name.as_ptr(),
                value.as_ptr(),
                why.as_mut_ptr(),
                why.len(),
            )
        };
        if result == RD_KAFKA_CONF_OK {
            Ok(())
        } else {
            Err(text(&why))
        }
    }

    /// The configuration itself, for the setters that take no string.
    pub(crate) fn raw(&self) -> *mut sys::rd_kafka_conf_t {
        self.0
    }
}

/// A producer or a consumer, destroyed on drop.
pub(crate) struct Client(*mut sys::rd_kafka_t);

impl Client {
    pub(crate) fn new(kind: sys::rd_kafka_type_t, conf: Conf) -> Result<Self, String> {
        let mut why = [0; 512];
        // SAFETY: The configuration is ours to give; on failure it stays ours, and leaks with the process.
        let raw = unsafe { sys::rd_kafka_new(kind, conf.0, why.as_mut_ptr(), why.len()) };
        if raw.is_null() {
            Err(text(&why))
        } else {
            Ok(Self(raw))
        }
    }

    pub(crate) fn raw(&self) -> *mut sys::rd_kafka_t {
        self.0
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // SAFETY: Made by `rd_kafka_new`, used by nobody else any more.
        unsafe { sys::rd_kafka_destroy(self.0) };
    }
}

/// Turns an error code into a result.
pub(crate) fn check(code: sys::rd_kafka_resp_err_t) -> Result<(), String> {
    if code == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
        return Ok(());
    }
    // SAFETY: The library answers with a static string for any code.
    Err(unsafe { CStr::from_ptr(sys::rd_kafka_err2str(code)) }
        .to_string_lossy()
        .into_owned())
}

pub(crate) fn c_string(text: &str) -> Result<CString, String> {
    CString::new(text).map_err(|error| error.to_string())
}

/// A message that the library left in a buffer.
fn text(buffer: &[c_char]) -> String {
    let bytes = buffer
        .iter()
        .take_while(|byte| **byte != 0)
        .map(|byte| *byte as u8)
        .collect::<Vec<_>>();
    String::from_utf8_lossy(&bytes).into_owned()
}
