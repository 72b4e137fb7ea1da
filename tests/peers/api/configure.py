"""Writes the config of a relay that sends to a push simulator.

configure.py SIMULATOR.JSON STORAGE.KEY FOLDER
"""

import json
import sys
from pathlib import Path

simulator = json.loads(Path(sys.argv[1]).read_text())
folder = Path(sys.argv[3])
files = simulator["files"]

(folder / "sealpush.toml").write_text(f"""
[relay]
name = "Fuzzed relay"
contact = "push@example.org"

[listen]
address = "127.0.0.1:0"

[operator]
address = "127.0.0.1:0"

[admission]
mode = "open"

[storage]
key_file = "{sys.argv[2]}"

# What a fuzzer sends is to meet the rules behind the limits.
[limits]
wait_seconds = 2

[push_services]
apns_production_url = "{simulator['apns']['production']}"
apns_sandbox_url = "{simulator['apns']['sandbox']}"
fcm_url = "{simulator['fcm']}"
fcm_token_url = "{simulator['token']}"
ca_file = "{files['ca']}"
""")
(folder / "apps" / "chat.toml").write_text(f"""
id = "chat"
placeholder = "New message"
badge = true
sound = true
confirm = "off"

[apns]
team_id = "{simulator['apns_team']['team_id']}"
key_id = "{simulator['apns_team']['key_id']}"
key_file = "{files['apns_key']}"
topic = "com.example.chat"

[fcm]
service_account_file = "{files['service_account']}"
""")
