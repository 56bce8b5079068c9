/// Everything a check may look at about one service.
struct ServiceCase: Sendable {}
/// What a check found, before it is given its name.
struct Finding: Sendable {}
