print("dsrproof")
