#include "textflag.h"

// The loops of package kernel for AVX2 + FMA + F16C, and AVX-512 where it pays.
// generic.go says what they must compute.
//
// Registers: DI destination; SI, DX, R8 the sources a, b, c; R9, R10, R11 their
// steps in bytes (0 for a scalar, which the caller has spread over a block); CX
// blocks left. A block is 32 bytes of destination: 16 words, 8 binary32.
//
// Y15 holds canonical NaNs all the time. x86 passes on the payload of an
// operand, which other hosts do not, so every computed NaN is replaced.

DATA nan32<>+0(SB)/4, $0x7fc00000
GLOBL nan32<>(SB), RODATA|NOPTR, $4
DATA one32<>+0(SB)/4, $1
GLOBL one32<>(SB), RODATA|NOPTR, $4
DATA abs32<>+0(SB)/4, $0x7fffffff
GLOBL abs32<>(SB), RODATA|NOPTR, $4
DATA inf32<>+0(SB)/4, $0x7f800000
GLOBL inf32<>(SB), RODATA|NOPTR, $4
DATA abs16<>+0(SB)/4, $0x7fff7fff
GLOBL abs16<>(SB), RODATA|NOPTR, $4
DATA inf16<>+0(SB)/4, $0x7c007c00
GLOBL inf16<>(SB), RODATA|NOPTR, $4
DATA nan16<>+0(SB)/4, $0x7e007e00
GLOBL nan16<>(SB), RODATA|NOPTR, $4
DATA low4<>+0(SB)/4, $0x000f000f
GLOBL low4<>(SB), RODATA|NOPTR, $4

#define ARGS2 \
	MOVQ dst+0(FP), DI     \
	MOVQ a+8(FP), SI       \
	MOVQ b+16(FP), DX      \
	MOVQ blocks+24(FP), CX \
	MOVQ astep+32(FP), R9  \
	MOVQ bstep+40(FP), R10

#define NEXT2 \
	ADDQ $32, DI \
	ADDQ R9, SI  \
	ADDQ R10, DX \
	DECQ CX      \
	JNZ  loop    \
	VZEROUPPER   \
	RET

#define ARGS3 \
	MOVQ dst+0(FP), DI     \
	MOVQ a+8(FP), SI       \
	MOVQ b+16(FP), DX      \
	MOVQ c+24(FP), R8      \
	MOVQ blocks+32(FP), CX \
	MOVQ astep+40(FP), R9  \
	MOVQ bstep+48(FP), R10 \
	MOVQ cstep+56(FP), R11

#define NEXT3 \
	ADDQ $32, DI \
	ADDQ R9, SI  \
	ADDQ R10, DX \
	ADDQ R11, R8 \
	DECQ CX      \
	JNZ  loop    \
	VZEROUPPER   \
	RET

// CANON replaces the NaNs of Y by the canonical one; T is lost.
// Predicate 3 is "unordered".
#define CANON(Y, T) \
	VCMPPS    $3, Y, Y, T   \
	VBLENDVPS T, Y15, Y, Y

// --- two f16 sources: widen, compute in binary32, round. One binary32 operation
// followed by rounding to f16 is correctly rounded, 24 ≥ 2·11 + 2.

#define HALF2(OP) \
	ARGS2                           \
	VBROADCASTSS nan32<>(SB), Y15   \
loop:                                   \
	VCVTPH2PS (SI), Y0              \
	VCVTPH2PS 16(SI), Y1            \
	VCVTPH2PS (DX), Y2              \
	VCVTPH2PS 16(DX), Y3            \
	OP        Y2, Y0, Y0            \
	OP        Y3, Y1, Y1            \
	CANON(Y0, Y2)                   \
	CANON(Y1, Y3)                   \
	VCVTPS2PH $0, Y0, (DI)          \
	VCVTPS2PH $0, Y1, 16(DI)        \
	NEXT2

// The same with 16 lanes.
#define HALF2WIDE(OP) \
	ARGS2                           \
	VBROADCASTSS nan32<>(SB), Z15   \
loop:                                   \
	VCVTPH2PS (SI), Z0              \
	VCVTPH2PS (DX), Z1              \
	OP        Z1, Z0, Z0            \
	VCMPPS    $3, Z0, Z0, K1        \
	VMOVAPS   Z15, K1, Z0           \
	VCVTPS2PH $0, Z0, (DI)          \
	NEXT2

TEXT ·addhAVX2(SB), NOSPLIT, $0-48
	HALF2(VADDPS)

TEXT ·subhAVX2(SB), NOSPLIT, $0-48
	HALF2(VSUBPS)

TEXT ·mulhAVX2(SB), NOSPLIT, $0-48
	HALF2(VMULPS)

TEXT ·addhAVX512(SB), NOSPLIT, $0-48
	HALF2WIDE(VADDPS)

TEXT ·subhAVX512(SB), NOSPLIT, $0-48
	HALF2WIDE(VSUBPS)

TEXT ·mulhAVX512(SB), NOSPLIT, $0-48
	HALF2WIDE(VMULPS)

// --- two binary32 sources

#define SINGLE2(OP) \
	ARGS2                           \
	VBROADCASTSS nan32<>(SB), Y15   \
loop:                                   \
	VMOVUPS (SI), Y0                \
	OP      (DX), Y0, Y0            \
	CANON(Y0, Y1)                   \
	VMOVUPS Y0, (DI)                \
	NEXT2

TEXT ·addsAVX2(SB), NOSPLIT, $0-48
	SINGLE2(VADDPS)

TEXT ·subsAVX2(SB), NOSPLIT, $0-48
	SINGLE2(VSUBPS)

TEXT ·mulsAVX2(SB), NOSPLIT, $0-48
	SINGLE2(VMULPS)

// b is f16: 16 bytes a block.
TEXT ·addhsAVX2(SB), NOSPLIT, $0-48
	ARGS2
	VBROADCASTSS nan32<>(SB), Y15
loop:
	VCVTPH2PS (DX), Y0
	VADDPS    (SI), Y0, Y0
	CANON(Y0, Y1)
	VMOVUPS   Y0, (DI)
	NEXT2

// --- maximum. Floats become integers in the same order, -0 below +0, by
// flipping the lower bits of negative ones. Then: take a where it is larger or
// b is a NaN, but not where a is one; both NaN gives the canonical NaN.

TEXT ·maxhAVX2(SB), NOSPLIT, $0-48
	ARGS2
	VBROADCASTSS nan16<>(SB), Y15
	VBROADCASTSS abs16<>(SB), Y14
	VBROADCASTSS inf16<>(SB), Y13
loop:
	VMOVDQU   (SI), Y0
	VMOVDQU   (DX), Y1
	VPSRAW    $15, Y0, Y2
	VPAND     Y14, Y2, Y2
	VPXOR     Y0, Y2, Y2
	VPSRAW    $15, Y1, Y3
	VPAND     Y14, Y3, Y3
	VPXOR     Y1, Y3, Y3
	VPCMPGTW  Y3, Y2, Y4
	VPAND     Y14, Y0, Y5
	VPCMPGTW  Y13, Y5, Y5
	VPAND     Y14, Y1, Y6
	VPCMPGTW  Y13, Y6, Y6
	VPOR      Y6, Y4, Y4
	VPANDN    Y4, Y5, Y4
	VPBLENDVB Y4, Y0, Y1, Y7
	VPAND     Y5, Y6, Y5
	VPBLENDVB Y5, Y15, Y7, Y7
	VMOVDQU   Y7, (DI)
	NEXT2

TEXT ·maxsAVX2(SB), NOSPLIT, $0-48
	ARGS2
	VBROADCASTSS nan32<>(SB), Y15
	VBROADCASTSS abs32<>(SB), Y14
	VBROADCASTSS inf32<>(SB), Y13
loop:
	VMOVDQU   (SI), Y0
	VMOVDQU   (DX), Y1
	VPSRAD    $31, Y0, Y2
	VPAND     Y14, Y2, Y2
	VPXOR     Y0, Y2, Y2
	VPSRAD    $31, Y1, Y3
	VPAND     Y14, Y3, Y3
	VPXOR     Y1, Y3, Y3
	VPCMPGTD  Y3, Y2, Y4
	VPAND     Y14, Y0, Y5
	VPCMPGTD  Y13, Y5, Y5
	VPAND     Y14, Y1, Y6
	VPCMPGTD  Y13, Y6, Y6
	VPOR      Y6, Y4, Y4
	VPANDN    Y4, Y5, Y4
	VPBLENDVB Y4, Y0, Y1, Y7
	VPAND     Y5, Y6, Y5
	VPBLENDVB Y5, Y15, Y7, Y7
	VMOVDQU   Y7, (DI)
	NEXT2

// --- a + b*c

// FMAH8 does 8 lanes at a byte offset. The f16 product is exact in binary32;
// the sum is rounded to odd, then to f16 (see HalfFMA for why this is right):
// the error of the sum by two-sum, and a step of ±1 in the last place where
// the error is not zero and the last bit is. Predicate 12 is "ordered and not
// equal": an infinite sum has a NaN for an error and stays.
#define FMAH8(OFF) \
	VCVTPH2PS OFF(SI), Y0      \
	VCVTPH2PS OFF(DX), Y1      \
	VCVTPH2PS OFF(R8), Y2      \
	VMULPS    Y2, Y1, Y1       \
	VADDPS    Y0, Y1, Y2       \
	VSUBPS    Y1, Y2, Y3       \
	VSUBPS    Y3, Y2, Y4       \
	VSUBPS    Y4, Y1, Y1       \
	VSUBPS    Y3, Y0, Y0       \
	VADDPS    Y0, Y1, Y0       \
	VCMPPS    $12, Y13, Y0, Y1 \
	VPXOR     Y2, Y0, Y3       \
	VPSRAD    $31, Y3, Y3      \
	VPOR      Y14, Y3, Y3      \
	VPAND     Y14, Y2, Y4      \
	VPSUBD    Y14, Y4, Y4      \
	VPAND     Y4, Y3, Y3       \
	VPAND     Y1, Y3, Y3       \
	VPADDD    Y3, Y2, Y2       \
	CANON(Y2, Y0)              \
	VCVTPS2PH $0, Y2, OFF(DI)

TEXT ·fmahAVX2(SB), NOSPLIT, $0-64
	ARGS3
	VBROADCASTSS nan32<>(SB), Y15
	VBROADCASTSS one32<>(SB), Y14
	VXORPS       Y13, Y13, Y13
loop:
	FMAH8(0)
	FMAH8(16)
	NEXT3

// AVX-512 names a rounding for each instruction, so rounding to odd is the sum
// toward zero with the last bit set where the sums up and down differ
// (predicate 4, "not equal").
TEXT ·fmahAVX512(SB), NOSPLIT, $0-64
	ARGS3
	VBROADCASTSS nan32<>(SB), Z15
	VBROADCASTSS one32<>(SB), Z14
loop:
	VCVTPH2PS     (SI), Z0
	VCVTPH2PS     (DX), Z1
	VCVTPH2PS     (R8), Z2
	VMULPS        Z2, Z1, Z1
	VADDPS.RU_SAE Z0, Z1, Z2
	VADDPS.RD_SAE Z0, Z1, Z3
	VADDPS.RZ_SAE Z0, Z1, Z4
	VCMPPS        $4, Z2, Z3, K1
	VPORD         Z14, Z4, K1, Z4
	VCMPPS        $3, Z4, Z4, K1
	VMOVAPS       Z15, K1, Z4
	VCVTPS2PH     $0, Z4, (DI)
	NEXT3

TEXT ·fmasAVX2(SB), NOSPLIT, $0-64
	ARGS3
	VBROADCASTSS nan32<>(SB), Y15
loop:
	VMOVUPS     (SI), Y0
	VMOVUPS     (DX), Y1
	VFMADD231PS (R8), Y1, Y0
	CANON(Y0, Y1)
	VMOVUPS     Y0, (DI)
	NEXT3

// b and c are f16: 16 bytes a block.
TEXT ·fmahsAVX2(SB), NOSPLIT, $0-64
	ARGS3
	VBROADCASTSS nan32<>(SB), Y15
loop:
	VMOVUPS     (SI), Y0
	VCVTPH2PS   (DX), Y1
	VCVTPH2PS   (R8), Y2
	VFMADD231PS Y2, Y1, Y0
	CANON(Y0, Y1)
	VMOVUPS     Y0, (DI)
	NEXT3

// One accumulator, in order: the order is part of the result.
TEXT ·foldFmaSAVX2(SB), NOSPLIT, $0-36
	MOVSS acc+0(FP), X0
	MOVQ  b+8(FP), SI
	MOVQ  c+16(FP), DX
	MOVQ  n+24(FP), CX
loop:
	VMOVSS      (SI), X1
	VFMADD231SS (DX), X1, X0
	ADDQ        $4, SI
	ADDQ        $4, DX
	DECQ        CX
	JNZ         loop
	MOVSS       X0, ret+32(FP)
	RET

// --- 16-bit integers

#define WORD2(OP) \
	ARGS2                \
loop:                        \
	VMOVDQU (SI), Y0     \
	OP      (DX), Y0, Y0 \
	VMOVDQU Y0, (DI)     \
	NEXT2

TEXT ·add16AVX2(SB), NOSPLIT, $0-48
	WORD2(VPADDW)

TEXT ·sub16AVX2(SB), NOSPLIT, $0-48
	WORD2(VPSUBW)

TEXT ·and16AVX2(SB), NOSPLIT, $0-48
	WORD2(VPAND)

TEXT ·or16AVX2(SB), NOSPLIT, $0-48
	WORD2(VPOR)

TEXT ·xor16AVX2(SB), NOSPLIT, $0-48
	WORD2(VPXOR)

// The low four bits of each lane of b are the count.
#define SHIFT(OP) \
	ARGS2                        \
	VBROADCASTSS low4<>(SB), Y15 \
loop:                                \
	VMOVDQU (SI), Y0             \
	VPAND   (DX), Y15, Y1        \
	OP      Y1, Y0, Y0           \
	VMOVDQU Y0, (DI)             \
	NEXT2

TEXT ·sll16AVX512(SB), NOSPLIT, $0-48
	SHIFT(VPSLLVW)

TEXT ·slr16AVX512(SB), NOSPLIT, $0-48
	SHIFT(VPSRLVW)

TEXT ·sar16AVX512(SB), NOSPLIT, $0-48
	SHIFT(VPSRAVW)

// --- conversions

// 16 bytes of source a block.
TEXT ·h2sAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ astep+24(FP), R9
	VBROADCASTSS nan32<>(SB), Y15
loop:
	VCVTPH2PS (SI), Y0
	CANON(Y0, Y1)
	VMOVUPS   Y0, (DI)
	ADDQ      $32, DI
	ADDQ      R9, SI
	DECQ      CX
	JNZ       loop
	VZEROUPPER
	RET

// 64 bytes of source a block.
TEXT ·s2hAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ astep+24(FP), R9
	VBROADCASTSS nan32<>(SB), Y15
loop:
	VMOVUPS   (SI), Y0
	VMOVUPS   32(SI), Y1
	CANON(Y0, Y2)
	CANON(Y1, Y2)
	VCVTPS2PH $0, Y0, (DI)
	VCVTPS2PH $0, Y1, 16(DI)
	ADDQ      $32, DI
	ADDQ      R9, SI
	DECQ      CX
	JNZ       loop
	VZEROUPPER
	RET
