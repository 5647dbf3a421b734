#include "textflag.h"

// Products summed in groups: gemv.go says what they are. Sums of a group stay in
// registers over its inputs. A product of two f16 is exact in binary32, so the
// fused form rounds as the separate one does.
//
// Registers: DI sums; SI weights of the group; DX inputs of the group; R8 groups
// left; R9 inputs of a group; R10, R11 steps in bytes; R12, R13, CX the inner
// loop's weights, inputs and count.

#define FOLDARGS \
	MOVQ sum+0(FP), DI     \
	MOVQ w+8(FP), SI       \
	MOVQ x+16(FP), DX      \
	MOVQ groups+24(FP), R8 \
	MOVQ k+32(FP), R9      \
	MOVQ wstep+40(FP), R10 \
	MOVQ xstep+48(FP), R11

// How far ahead of its use a line of weights is asked for, in bytes. The
// hardware's own prefetcher stops at the end of a page.
#define AHEAD 2048

#define INPUT512(W, X) \
	PREFETCHT0   AHEAD+W(R12)     \
	PREFETCHT0   AHEAD+64+W(R12)  \
	VBROADCASTSS X(R13), Z12      \
	VCVTPH2PS    W(R12), Z8       \
	VCVTPH2PS    W+32(R12), Z9    \
	VCVTPH2PS    W+64(R12), Z10   \
	VCVTPH2PS    W+96(R12), Z11   \
	VFMADD231PS  Z8, Z12, Z0      \
	VFMADD231PS  Z9, Z12, Z1      \
	VFMADD231PS  Z10, Z12, Z2     \
	VFMADD231PS  Z11, Z12, Z3

TEXT ·foldBlockAVX512(SB), NOSPLIT, $0-56
	FOLDARGS
	VMOVUPS (DI), Z4
	VMOVUPS 64(DI), Z5
	VMOVUPS 128(DI), Z6
	VMOVUPS 192(DI), Z7
group:
	MOVQ   SI, R12
	MOVQ   DX, R13
	MOVQ   R9, CX
	VPXORD Z0, Z0, Z0
	VPXORD Z1, Z1, Z1
	VPXORD Z2, Z2, Z2
	VPXORD Z3, Z3, Z3
	SUBQ   $2, CX
	JLT    odd
pair:
	INPUT512(0, 0)
	INPUT512(128, 4)
	ADDQ   $256, R12
	ADDQ   $8, R13
	SUBQ   $2, CX
	JGE    pair
odd:
	ADDQ   $2, CX
	JZ     fold
	INPUT512(0, 0)
fold:
	VADDPS Z0, Z4, Z4
	VADDPS Z1, Z5, Z5
	VADDPS Z2, Z6, Z6
	VADDPS Z3, Z7, Z7
	ADDQ   R10, SI
	ADDQ   R11, DX
	DECQ   R8
	JNZ    group
	VMOVUPS Z4, (DI)
	VMOVUPS Z5, 64(DI)
	VMOVUPS Z6, 128(DI)
	VMOVUPS Z7, 192(DI)
	VZEROUPPER
	RET

#define LANES256(OFF, ACC) \
	VCVTPH2PS   OFF(R12), Y9 \
	VFMADD231PS Y9, Y8, ACC

#define FOLD256(OFF, ACC) \
	VADDPS  OFF(DI), ACC, ACC \
	VMOVUPS ACC, OFF(DI)

TEXT ·foldBlockAVX2(SB), NOSPLIT, $0-56
	FOLDARGS
group:
	MOVQ   SI, R12
	MOVQ   DX, R13
	MOVQ   R9, CX
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
input:
	PREFETCHT0   AHEAD(R12)
	PREFETCHT0   AHEAD+64(R12)
	VBROADCASTSS (R13), Y8
	LANES256(0, Y0)
	LANES256(16, Y1)
	LANES256(32, Y2)
	LANES256(48, Y3)
	LANES256(64, Y4)
	LANES256(80, Y5)
	LANES256(96, Y6)
	LANES256(112, Y7)
	ADDQ   $128, R12
	ADDQ   $4, R13
	DECQ   CX
	JNZ    input
	FOLD256(0, Y0)
	FOLD256(32, Y1)
	FOLD256(64, Y2)
	FOLD256(96, Y3)
	FOLD256(128, Y4)
	FOLD256(160, Y5)
	FOLD256(192, Y6)
	FOLD256(224, Y7)
	ADDQ   R10, SI
	ADDQ   R11, DX
	DECQ   R8
	JNZ    group
	VZEROUPPER
	RET

TEXT ·roundHalfAVX2(SB), NOSPLIT, $0-16
	MOVQ x+0(FP), DI
	MOVQ blocks+8(FP), CX
round:
	VMOVUPS   (DI), Y0
	VCVTPS2PH $0, Y0, X0
	VCVTPH2PS X0, Y0
	VMOVUPS   Y0, (DI)
	ADDQ      $32, DI
	DECQ      CX
	JNZ       round
	VZEROUPPER
	RET
