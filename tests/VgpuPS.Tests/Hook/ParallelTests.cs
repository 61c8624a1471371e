using System.Globalization;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>At least 10,000 starts and stops, 32 VMs on four GPUs at a time; a seed names its run.</summary>
public abstract class ParallelTests(LabBackend backend)
{
    private const int Rounds = 10;
    private const int OperationsPerVm = 16;

    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(1, Rounds)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nothing_is_doubled_lost_or_left_over(int seed)
    {
        var life = new ParallelLife(backend, seed, OperationsPerVm);
        life.Listen();
        var after = life.Play();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {life.Operations} operations, {life.Started} started, {life.Refused} refused, {life.Killed} killed"));
        Assert.Empty(life.Faults.Take(5));
        Assert.Equal(life.Before, after);
        Assert.True(life.Started > OperationsPerVm && life.Refused > 0 && life.Killed > 0, "too quiet a life to tell anything");
    }
}
