// The builder of packets for tests.
