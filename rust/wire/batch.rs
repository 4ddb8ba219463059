// SPDX-License-Identifier: GPL-2.0

//! Frames that come together and are to go out in order, as XDP gives them: `ndo_xdp_xmit`.

/// Sends `frames` in order, in runs that go the same way: `way` is asked once for each frame at
/// the most, `send` once for each run, and says how many of it were sent.
///
/// Returns how many were sent: all, or those before one that has no way or was not taken. If it is
/// not even the first: the error that `send` gave, or none if it has no way.
pub fn send_runs<F, W: Copy + PartialEq, E>(
    frames: &mut [F],
    mut way: impl FnMut(&F) -> Option<W>,
    mut send: impl FnMut(W, &mut [F]) -> Result<usize, E>,
) -> Result<usize, Option<E>> {
    let mut sent = 0;
    let mut rest = frames;
    let mut next = rest.first().and_then(&mut way);
    let none = next.is_none() && !rest.is_empty();
    while let Some(this) = next {
        let mut len = 1usize;
        next = loop {
            match rest.get(len).map(&mut way) {
                Some(Some(same)) if same == this => len = len.saturating_add(1),
                other => break other.flatten(),
            }
        };
        let Some((run, behind)) = rest.split_at_mut_checked(len) else {
            break;
        };
        match send(this, run) {
            Ok(took) => {
                sent += took.min(len);
                if took < len {
                    break;
                }
            }
            Err(e) if sent == 0 => return Err(Some(e)),
            Err(_) => break,
        }
        rest = behind;
    }
    match none {
        true => Err(None),
        false => Ok(sent),
    }
}
