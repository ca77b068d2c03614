# Function symbols without a type and without a size, as compilers before clang 10 left them, and a local label.
	.text
	.globl	entry
entry:
	r1 = 5
	call helper
	if r0 > 9 goto LBB0_1
	r0 = 0
LBB0_1:
	exit
helper:
	r0 = r1
	r0 *= 2
	exit
	.section	socket,"ax",@progbits
	.globl	socket_entry
socket_entry:
	r1 = 3
	call entry
	exit
