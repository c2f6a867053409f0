# SPDX-License-Identifier: MIT
checksec: all ## how programs and library were built: PIE, RELRO, canaries, FORTIFY
	@sh tests/security/checksec.sh $(progs) $(BUILD)/libration.so
.PHONY: checksec
