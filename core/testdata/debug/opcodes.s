# A line number program of version 4 with every opcode, also those no compiler writes for BPF: two operations to an
# instruction, files defined on the way, an opcode of a later version, one of a vendor.
	.text
	.globl	f
	.type	f, @function
f:
	r0 = 0
	r0 += 1
	r0 += 2
	r0 += 3
	exit
.Lend:
	.size	f, .Lend-f

	.section	.debug_line,"",@progbits
	.long	.Lunit_end-.Lunit
.Lunit:
	.short	4
	.long	.Lprogram-.Lheader
.Lheader:
	.byte	8			# bytes of an instruction
	.byte	2			# operations in it
	.byte	1			# starts as a statement
	.byte	-3			# line base
	.byte	12			# line range
	.byte	14			# opcode base: one more than version 4 has
	.byte	0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2
	.asciz	"include"
	.asciz	"/absolute"
	.byte	0
	.asciz	"opcodes.c"
	.byte	0, 0, 0
	.asciz	"inside.h"
	.byte	1, 0x81, 0x01, 0x82, 0x01
	.asciz	"outside.h"
	.byte	2, 0, 0
	.byte	0
.Lprogram:
	.byte	0, 9, 2			# set_address
	.quad	f
	.byte	3, 9			# advance_line 9
	.byte	5, 0x83, 0x01		# set_column 131
	.byte	1			# copy
	.byte	14+4			# special: line 1 on, address stays
	.byte	14+12+3			# special: one operation on
	.byte	14+12+3			# special: one more, which is the next instruction
	.byte	2, 1			# advance_pc 1 operation
	.byte	6			# negate_stmt
	.byte	7			# set_basic_block
	.byte	10			# set_prologue_end
	.byte	11			# set_epilogue_begin
	.byte	12, 0x81, 0x01		# set_isa 129
	.byte	0, 2, 4, 5		# set_discriminator 5
	.byte	4, 2			# set_file 2
	.byte	1
	.byte	9			# fixed_advance_pc 8
	.short	8
	.byte	4, 3			# set_file 3
	.byte	3, 0x7d			# advance_line -3
	.byte	1
	.byte	13, 0x81, 0x01, 7	# an opcode that is not known, with two operands
	.byte	0, 4, 0x80, 1, 2, 3	# an extended one of a vendor
	.byte	0, 14, 3		# define_file
	.asciz	"defined.h"
	.byte	1, 0
	.byte	0
	.byte	4, 4			# set_file 4
	.byte	6
	.byte	8			# const_add_pc
	.byte	1
	.byte	4, 9			# set_file 9, which there is not
	.byte	1
	.byte	0, 1, 1			# end_sequence
	.byte	0, 9, 2
	.quad	f+8
	.byte	1
	.byte	2, 4
	.byte	0, 1, 1
.Lunit_end:
