using System.Globalization;
using VgpuPS.Lab.Machine;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>Thousands of starts, stops and crashes; 32 VMs on four GPUs at a time; a seed names its run.</summary>
/// <param name="backend">How vGPUs are handed out.</param>
/// <param name="sharesInstances">Whether GPU instances carry several vGPUs.</param>
[Trait("Duration", "Long")]
public abstract class ParallelTests(LabBackend backend, bool sharesInstances)
{
    /// <summary>Three hosts, 7 seeds each, 32 VMs: 10,752 operations.</summary>
    private const int OperationsPerVm = 16;

    public static TheoryData<int> Seeds { get; } = [1, 2, 3, 4, 5, 6, 7];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nothing_is_doubled_lost_or_left_over(int seed)
    {
        var life = new ParallelLife(backend, sharesInstances, seed, OperationsPerVm);
        var after = life.Play();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {life.Operations} operations: {life.Started} started, {life.Refused} refused, {life.Failed} "
                + $"failed, {life.Killed} killed"));
        Assert.Empty(life.Faults.Take(5));
        Assert.Equal(life.Before, after);
        Assert.Equal(ParallelHost.Vms * OperationsPerVm, life.Operations);
        Assert.True(
            life is { Started: > 50, Refused: > 0, Killed: > 0, Failed: > 0 }, "too quiet a life to tell anything");
    }

    [Fact]
    public void The_same_seed_plays_the_same_life()
    {
        var (first, second) = (Play(), Play());
        Assert.Equal(first.Order, second.Order);
        Assert.Equal((first.Started, first.Refused, first.Killed), (second.Started, second.Refused, second.Killed));

        ParallelLife Play()
        {
            var life = new ParallelLife(backend, sharesInstances, seed: 11, operationsPerVm: 2);
            life.Play();
            return life;
        }
    }
}
