//! Bytes as text, and back.

use std::io::{self, IsTerminal, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;

use crate::failure::{Failure, say};

/// How bytes stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Two hexadecimal digits a byte; white space doesn't matter.
    Hex,
    /// Base64 with padding; white space doesn't matter.
    Base64,
    /// The bytes themselves.
    Raw,
}

impl Form {
    /// The bytes that `text` stands for.
    pub(crate) fn read(self, text: Vec<u8>) -> Result<Vec<u8>, String> {
        match self {
            Self::Hex => from_hex(&text),
            Self::Base64 => {
                let text: Vec<u8> =
                    text.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
                STANDARD.decode(text).map_err(|error| format!("no base64: {error}"))
            }
            Self::Raw => Ok(text),
        }
    }

    /// Appends what stands for the bytes; a text ends with a newline.
    pub(crate) fn write(self, bytes: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Hex => {
                out.extend_from_slice(to_hex(bytes).as_bytes());
                out.push(b'\n');
            }
            Self::Base64 => {
                out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
                out.push(b'\n');
            }
            Self::Raw => out.extend_from_slice(bytes),
        }
    }
}

/// The bytes that hexadecimal digits stand for, white space between them or not.
pub(crate) fn from_hex(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (at, letter) in text.iter().enumerate() {
        if letter.is_ascii_whitespace() {
            continue;
        }
        let digit = (*letter as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let Some(digit) = digit else {
            return Err(format!("no hexadecimal digit at byte {at}: {}", letter.escape_ascii()));
        };
        match high.take() {
            None => high = Some(digit),
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    match high {
        None => Ok(bytes),
        Some(_) => Err("an odd number of hexadecimal digits".to_owned()),
    }
}

/// Two digits a byte, in lower case.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    text.extend(digits.filter_map(|digit| char::from_digit(digit.into(), 16)));
    text
}

/// All of stdin.
pub(crate) fn stdin() -> Result<Vec<u8>, Failure> {
    if io::stdin().is_terminal() {
        say("reading from the terminal, up to an end of file (Ctrl-D, on Windows Ctrl-Z)");
    }
    let mut bytes = Vec::new();
    match io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(of_stdin(&error)),
    }
}

/// Reading stdin failed.
pub(crate) fn of_stdin(error: &io::Error) -> Failure {
    unreadable("stdin", error)
}

/// Reading something failed.
pub(crate) fn unreadable(what: &str, error: &io::Error) -> Failure {
    Failure::Failed(format!("{what} can't be read: {error}"))
}

/// Writes all to stdout.
pub(crate) fn stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map_err(|error| Failure::of_stdout(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_what_it_wrote() {
        let bytes: Vec<u8> = (0..=255).collect();
        for form in [Form::Hex, Form::Base64, Form::Raw] {
            let mut text = Vec::new();
            form.write(&bytes, &mut text);
            assert_eq!(form.read(text), Ok(bytes.clone()), "{form:?}");
        }
    }

    #[test]
    fn white_space_does_not_matter_and_other_letters_do() {
        assert_eq!(from_hex(b" 0a\tFf\n0 1"), Ok(vec![0x0a, 0xff, 0x01]));
        assert_eq!(Form::Base64.read(b"AAE\n C\r\n".to_vec()), Ok(vec![0, 1, 2]));
        for wrong in ["0", "0x01", "zz", "é"] {
            assert!(from_hex(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(Form::Base64.read(b"AAE".to_vec()).is_err());
    }
}
