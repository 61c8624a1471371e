using System.Text;
using FsCheck.Fluent;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class PciReservationsTests
{
    private static readonly PciAddress s_function = PciAddress.Parse("0000:41:00.5");

    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeSeconds(1000);

    [Fact]
    public void Lines_of_another_form_are_dropped_and_the_rest_is_sorted_as_text()
    {
        var reservations = Read(
            "41:00.5 401 time:1500\nthis line is not one\n0000:c1:00.0 400 time:1500\n0000:41:00.5 402\n"
            + "0000:41:00.6 99 pid:1\n0000:41:00.7 100 pid:-1\n0000:41:00.7 100 age:1\n10000:01:00.0 100 pid:5\n");

        Assert.Equal(
            "0000:c1:00.0 400 time:1500\n10000:01:00.0 100 pid:5\n41:00.5 401 time:1500\n", Text(reservations));
    }

    [Theory]
    [InlineData("0000:41:00.5 200 time:1001", true)]
    [InlineData("0000:41:00.5 200 time:1000", false)]
    [InlineData("0000:41:00.5 200 pid:7", true)]
    [InlineData("0000:41:00.5 200 pid:8", false)]
    [InlineData("0000:41:00.5 201 pid:7", false)]
    [InlineData("0000:41:00.5 100 time:9999", false)]
    [InlineData("0000:41:00.5 100 pid:7", false)]
    [InlineData("0000:41:00.6 200 time:9999", false)]
    [InlineData("41:00.5 200 time:9999", false)]
    [InlineData("", false)]
    public void Function_is_held_while_the_time_lasts_or_its_own_QEMU_lives(string line, bool isHeld) =>
        Assert.Equal(
            isHeld,
            Read(line).IsHeldByOther(s_function, new VmId(100), s_now, (pid, vm) => pid == 7 && vm == new VmId(200)));

    [Theory]
    [InlineData("0000:41:00.5 200 pid:7", "PCI device '0000:41:00.5' already in use by VMID '200'", null)]
    [InlineData(
        "0000:41:00.5 300 time:1060", "PCI device '0000:41:00.5' is currently reserved for use by VMID '300'", null)]
    [InlineData("0000:41:00.5 300 pid:8", null, "leftover PCI reservation found for 0000:41:00.5, lets take it...")]
    [InlineData("0000:41:00.5 300 time:999", null, null)]
    [InlineData("0000:41:00.5 100 pid:8", null, null)]
    public void Refusal_and_remark_are_in_the_words_of_Proxmox(string line, string? error, string? warning)
    {
        var verdict = Read(line).Judge(s_function, new VmId(100), s_now, (pid, _) => pid == 7);

        Assert.Equal((error, warning), (verdict.Error, verdict.Warning));
    }

    [Fact]
    public void Reserving_takes_the_line_over()
    {
        var reservations = Read("0000:41:00.5 200 pid:7\n0000:41:00.6 200 pid:7\n")
            .WithTime([s_function], new VmId(100), s_now.AddSeconds(15));

        Assert.Equal("0000:41:00.5 100 time:1015\n0000:41:00.6 200 pid:7\n", Text(reservations));
        Assert.Equal(
            "0000:41:00.5 100 pid:42\n0000:41:00.6 200 pid:7\n",
            Text(reservations.WithPid([s_function], new VmId(100), 42)));
    }

    [Fact]
    public void Removing_leaves_the_lines_of_other_VMs()
    {
        var reservations = Read("0000:41:00.4 200 pid:7\n0000:41:00.5 100 pid:8\n0000:41:00.6 100 pid:8\n");

        Assert.Equal("0000:41:00.4 200 pid:7\n", Text(reservations.Without(new VmId(100))));
        Assert.Equal(
            "0000:41:00.4 200 pid:7\n0000:41:00.6 100 pid:8\n",
            Text(reservations.Without([PciAddress.Parse("0000:41:00.4"), s_function], new VmId(100))));
        Assert.Equal(["0000:41:00.5", "0000:41:00.6"], reservations.Of(new VmId(100)).Select(line => line.Id));
    }

    [Fact]
    public void No_reservations_are_an_empty_file() => Assert.Empty(Read("").Write());

    [Fact]
    public void What_was_written_reads_as_the_same()
    {
        var line =
            from domain in Gen.Choose(0, 0x1FFFF)
            from bus in Gen.Choose(0, 255)
            from device in Gen.Choose(0, 31)
            from function in Gen.Choose(0, 7)
            from vm in Gen.Choose(100, 999_999_999)
            from value in Gen.Choose(0, int.MaxValue)
            from isPid in Gen.Elements(true, false)
            select new PciReservation(
                new PciAddress((uint)domain, (byte)bus, (byte)device, (byte)function).ToString(), new VmId(vm),
                isPid ? null : value, isPid ? value : null);

        Prop.ForAll(
            Gen.ListOf(line).ToArbitrary(),
            lines =>
            {
                var reservations = new PciReservations(lines);
                return PciReservations.Read(reservations.Write()).All.SequenceEqual(reservations.All);
            }).Holds();
    }

    private static PciReservations Read(string text) => PciReservations.Read(Encoding.ASCII.GetBytes(text));

    private static string Text(PciReservations reservations) => Encoding.ASCII.GetString(reservations.Write());
}
