//! Where daemons are: addresses, and what they are called.

use quarterdeck::clients::docker::host::Address;

#[test]
fn addresses_are_read_as_the_docker_command_writes_them() {
    let cases = [
        (
            "unix:///run/user/1000/docker.sock",
            "unix:///run/user/1000/docker.sock",
            "docker",
        ),
        ("tcp://10.0.0.7:2375", "tcp://10.0.0.7:2375", "10.0.0.7"),
        ("tcp://web-1", "tcp://web-1:2375", "web-1"),
        ("tcp://[fd00::1]:2376", "tcp://[fd00::1]:2376", "[fd00::1]"),
        ("ssh://deploy@web-1", "ssh://deploy@web-1", "web-1"),
        (
            "ssh://deploy@web-1:2222/run/docker.sock",
            "ssh://deploy@web-1:2222",
            "web-1",
        ),
    ];
    for (text, printed, name) in cases {
        let address = Address::parse(text, None).unwrap();
        assert_eq!(
            (address.to_string().as_str(), address.name()),
            (printed, name)
        );
    }
    for text in [
        "web-1",
        "unix://docker.sock",
        "ftp://x",
        "ssh://",
        "ssh://-oProxyCommand=x",
        "tcp://a b",
    ] {
        assert!(Address::parse(text, None).is_err(), "{text}");
    }
}
