/// A multiply-and-fold mix (after wyhash, public domain).
@inline(__always)
func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = (a ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: b ^ 0xe703_7ed1_a0b4_28db)
  return product.high ^ product.low
}
