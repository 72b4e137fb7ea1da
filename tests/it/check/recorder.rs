//! Who is asked for, and where connections go, in a network of its own: a name server, and every packet's head.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

use rustix::net::{AddressFamily, Protocol, SocketType, socket};

/// Where the name server listens, and what every name has that it knows.
pub(super) const RESOLVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 53);
pub(super) const HOST: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);
/// packet(7): every protocol, in the network's order of bytes.
const EVERY_PROTOCOL: u32 = 0x0003_u16.to_be() as u32;

/// What was seen so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Recorder {
    /// Names that somebody asked for.
    pub(super) names: Arc<Mutex<BTreeSet<String>>>,
    /// Where the first packet of a TCP connection, or any other packet, went.
    pub(super) packets: Arc<Mutex<BTreeSet<(&'static str, SocketAddr)>>>,
}

impl Recorder {
    /// Records from now on.
    pub(super) fn start() -> Self {
        let recorder = Self::default();
        let all = Protocol::from_raw(EVERY_PROTOCOL.try_into().unwrap());
        let tap = socket(AddressFamily::PACKET, SocketType::DGRAM, Some(all)).unwrap();
        let packets = Arc::clone(&recorder.packets);
        std::thread::spawn(move || {
            let mut bytes = [0; 2048];
            while let Ok(length) = rustix::io::read(&tap, &mut bytes) {
                if let Some(seen) = destination(&bytes[..length]) {
                    packets.lock().unwrap().insert(seen);
                }
            }
        });
        let server = UdpSocket::bind((RESOLVER, 53)).unwrap();
        let names = Arc::clone(&recorder.names);
        std::thread::spawn(move || {
            let mut bytes = [0; 512];
            while let Ok((length, client)) = server.recv_from(&mut bytes) {
                let (name, answer) = answer(&bytes[..length]);
                names.lock().unwrap().insert(name);
                let _gone = server.send_to(&answer, client);
            }
        });
        recorder
    }

    /// What went elsewhere than to these.
    pub(super) fn strays(
        &self,
        allowed: &BTreeSet<(&'static str, SocketAddr)>,
    ) -> Vec<(&'static str, SocketAddr)> {
        self.packets.lock().unwrap().difference(allowed).copied().collect()
    }
}

/// Where an IP packet goes, unless it belongs to a TCP connection that is there already.
fn destination(packet: &[u8]) -> Option<(&'static str, SocketAddr)> {
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    let (protocol, address, rest): (u8, IpAddr, &[u8]) = match packet.first()? >> 4 {
        4 => {
            let address: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
            (packet[9], Ipv4Addr::from(address).into(), packet.get(usize::from(packet[0] & 15) * 4..)?)
        }
        6 => {
            let address: [u8; 16] = packet.get(24..40)?.try_into().ok()?;
            (packet[6], Ipv6Addr::from(address).into(), packet.get(40..)?)
        }
        _ => return None,
    };
    let to = SocketAddr::new(address, u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?));
    match protocol {
        // RFC 9293, section 3.1: SYN without ACK opens a connection.
        TCP => (rest.get(13)? & 0x12 == 0x02).then_some(("tcp", to)),
        UDP => Some(("udp", to)),
        // Messages of the network itself, such as "port unreachable".
        _ => None,
    }
}

/// RFC 1035, section 4: the name that was asked for, and the answer. Every name has one IPv4 address.
fn answer(question: &[u8]) -> (String, Vec<u8>) {
    let (mut at, mut labels) = (12, Vec::new());
    while question[at] != 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).to_lowercase());
        at = end;
    }
    let asks_for_ipv4 = question[at + 1..at + 3] == [0, 1];
    let mut answer = question[..at + 5].to_vec();
    answer[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(asks_for_ipv4), 0, 0, 0, 0]);
    if asks_for_ipv4 {
        // The name again, class IN, a minute, four bytes.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(HOST.octets());
    }
    (labels.join("."), answer)
}
