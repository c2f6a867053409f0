! SPDX-License-Identifier: MIT
! A COMMON block that each thread of a team has for itself: counted in each region.
subroutine common_begin() bind(c)
  integer :: own
  common /kept/ own
!$omp threadprivate(/kept/)
!$omp parallel
  own = 0
!$omp end parallel
end subroutine

function common_next() result(least) bind(c)
  use iso_c_binding, only: c_int
  integer(c_int) :: least
  integer :: own, last
  common /kept/ own
!$omp threadprivate(/kept/)
  common /told/ last
  least = huge(least)
!$omp parallel reduction(min : least)
  own = own + 1
  least = own
!$omp end parallel
  last = least
end function

function common_last() result(least) bind(c)
  use iso_c_binding, only: c_int
  integer(c_int) :: least
  integer :: last
  common /told/ last
  least = last
end function
