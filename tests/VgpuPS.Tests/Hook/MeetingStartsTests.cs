using System.Globalization;
using VgpuPS.Lab.Machine;
using VgpuPS.Lab.Models;
using Xunit;

namespace VgpuPS.Tests.Hook;

/// <summary>
/// VMs of one mapping that start at once, with time between each pre-start and Proxmox's choice: none is refused while
/// there is room, none is let through without, and nothing is left. A seed names its round.
/// </summary>
/// <remarks>Source: facts/proxmox-reservations.md, all of it.</remarks>
[Trait("Duration", "Long")]
public sealed class MeetingStartsTests
{
    private const int ManyRounds = 200;
    private const int SomeRounds = 20;

    private static readonly string[] s_often = ["NVIDIA A30", "NVIDIA H100 PCIe",
        "NVIDIA RTX PRO 6000 Blackwell Server Edition"];

    // Rounds have one GPU or two, whose functions the mapping has: a board of four has the GPUs of an A2.
    public static TheoryData<string, LabBackend, int> Boards { get; } = new(
        GpuModel.Names.Where(name => GpuModel.Load(name).GpusPerBoard is null).Select(name => (
            Name: name, Backend: GpuModel.Load(name).TotalFunctions == 0 ? LabBackend.Mdev : LabBackend.Vfio,
            Rounds: s_often.Contains(name) ? ManyRounds : SomeRounds))
            .Append((Name: "NVIDIA A10", Backend: LabBackend.Mdev, Rounds: ManyRounds)));

    [Theory]
    [MemberData(nameof(Boards))]
    public void Starts_that_meet_are_served_while_there_is_capacity_and_leave_nothing(
        string model, LabBackend backend, int rounds)
    {
        var (started, refused) = (0, 0);
        var wrong = new List<string>();
        for (var seed = 1; seed <= rounds; seed++)
        {
            var round = new MeetingRound(model, backend, seed);
            round.Play();
            started += round.Started;
            refused += round.Refused;
            if (round.Faults.Count > 0)
            {
                wrong.Add($"{round}\n  {string.Join("\n  ", round.Faults)}\n{round.Said}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{model}: {rounds} rounds: {started} started, {refused} refused, {wrong.Count} wrong"));
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {rounds} rounds\n" + string.Join("\n\n", wrong.Take(3)));
        Assert.True(started > rounds && (refused > 0 || rounds < ManyRounds), "too quiet to tell anything");
    }
}
