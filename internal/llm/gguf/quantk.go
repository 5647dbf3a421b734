package gguf

// The "K" types: super-blocks of 256 values in sub-blocks of 16 or 32, whose
// scales are themselves quantised.

// decodeQ2K: 16 bytes of scale (low half) and minimum (high half), 64 bytes of
// two-bit quanta, then d and dmin. A run of 32 bytes of quanta serves four
// groups of 32 values, two bits each.
func decodeQ2K(dst []float32, b []byte) {
	scales, qs := b[:16], b[16:80]
	d, dmin := half(b[80:]), half(b[82:])
	for i := range dst {
		s := scales[i/16]
		q := qs[i/128*32+i%32] >> (i % 128 / 32 * 2) & 3
		dst[i] = float32(float32(d*float32(s&15))*float32(q)) - float32(dmin*float32(s>>4))
	}
}

// decodeQ3K: 32 bytes of high bits, 64 bytes of two-bit quanta, 12 bytes with
// sixteen six-bit scales, d. A cleared high bit means minus four.
func decodeQ3K(dst []float32, b []byte) {
	high, qs, scales := b[:32], b[32:96], b[96:108]
	d := half(b[108:])
	for i := range dst {
		q := int(qs[i/128*32+i%32] >> (i % 128 / 32 * 2) & 3)
		if high[i%32]>>(i/32)&1 == 0 {
			q -= 4
		}
		dst[i] = float32(d*float32(scaleQ3K(scales, i/16)-32)) * float32(q)
	}
}

// scaleQ3K: the low four bits of scales 0–7 are the low halves of bytes 0–7, of
// 8–15 their high halves; the upper two bits are spread over bytes 8–11.
func scaleQ3K(s []byte, i int) int {
	low := s[i%8] >> (i / 8 * 4) & 15
	return int(low | s[8+i%4]>>(i/4*2)&3<<4)
}

// scaleMinK gives the six-bit scale and minimum of sub-block j of Q4_K and
// Q5_K, packed in twelve bytes.
func scaleMinK(s []byte, j int) (scale, least byte) {
	if j < 4 {
		return s[j] & 63, s[j+4] & 63
	}
	return s[j+4]&15 | s[j-4]>>6<<4, s[j+4]>>4 | s[j]>>6<<4
}

func decodeQ4K(dst []float32, b []byte) {
	d, dmin, scales, qs := half(b), half(b[2:]), b[4:16], b[16:144]
	for j := range 8 {
		s, m := scaleMinK(scales, j)
		d1, m1 := d*float32(s), float32(dmin*float32(m))
		run := qs[j/2*32:][:32]
		for l, q := range run {
			dst[j*32+l] = float32(d1*float32(q>>(j%2*4)&15)) - m1
		}
	}
}

func decodeQ5K(dst []float32, b []byte) {
	d, dmin, scales, high, qs := half(b), half(b[2:]), b[4:16], b[16:48], b[48:176]
	for j := range 8 {
		s, m := scaleMinK(scales, j)
		d1, m1 := d*float32(s), float32(dmin*float32(m))
		run := qs[j/2*32:][:32]
		for l, q := range run {
			v := q>>(j%2*4)&15 | high[l]>>j&1<<4
			dst[j*32+l] = float32(d1*float32(v)) - m1
		}
	}
}

// decodeQ6K: 128 bytes of low nibbles, 64 of upper bit pairs, 16 signed scales,
// d. Each half of the block holds four groups of 32 values.
func decodeQ6K(dst []float32, b []byte) {
	low, high, scales, d := b[:128], b[128:192], b[192:208], half(b[208:])
	for i := range dst {
		n, g, l := i/128, i%128/32, i%32
		q := low[n*64+g%2*32+l]>>(g/2*4)&15 | high[n*32+l]>>(g*2)&3<<4
		dst[i] = float32(d*float32(int8(scales[i/16]))) * float32(int(q)-32)
	}
}

// decodeIQ4XS: d, 16 bits of upper scale pairs, 4 bytes of lower scale halves,
// then eight runs of 16 bytes of non-linear quanta.
func decodeIQ4XS(dst []float32, b []byte) {
	d, upper, lower, qs := half(b), le.Uint16(b[2:]), b[4:8], b[8:136]
	for j := range 8 {
		s := int(lower[j/2]>>(j%2*4)&15) | int(upper>>(2*j)&3)<<4
		nibbles(dst[j*32:(j+1)*32], d*float32(s-32), &iq4, qs[j*16:(j+1)*16])
	}
}
