// The native tests, one function a file. main.cc lists them.
#pragma once

namespace undertone::test {

void TestSpectrum();
void TestResampler();
void TestTracks();
void TestPlan();
void TestPitch();
void TestSpeech();
void TestWav();
void TestAllocation();
void TestCudaKernels();
void TestCudaSchedule();

}  // namespace undertone::test
