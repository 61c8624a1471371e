using VgpuPS.Core.Errors;
using VgpuPS.Host.Sessions;
using VgpuPS.Lab.Machine;
using VgpuPS.Sessions;
using Xunit;

namespace VgpuPS.Tests.Module;

/// <summary>Sessions belong to the process: no test that sees them runs beside this one.</summary>
[Collection(nameof(HostSessions))]
public sealed class HostSessionsTests
{
    [Fact]
    public async Task A_session_is_found_by_name_and_a_change_wants_one_that_is_named()
    {
        Assert.Equal("localhost", Assert.Single(HostSessions.ForReading(null)).Name);
        var one = await HostSessions.AddAsync(null, "lab", MakeAsync);
        var two = await HostSessions.AddAsync(null, "lab", MakeAsync);
        Assert.Equal(("lab", "lab2"), (one.Name, two.Name));
        Assert.Equal(2, HostSessions.ForReading(null).Count);
        Assert.Same(two, Assert.Single(HostSessions.ForChanging(["LAB2"])));
        Assert.Equal(
            ErrorIds.AmbiguousSession,
            Assert.Throws<InvalidRequestException>(() => HostSessions.ForChanging(null)).ErrorId);
        Assert.Equal(
            ErrorIds.SessionExists,
            (await Assert.ThrowsAsync<InvalidRequestException>(
                () => HostSessions.AddAsync("lab", "lab", MakeAsync))).ErrorId);
        await HostSessions.RemoveAsync(one);
        Assert.Same(two, Assert.Single(HostSessions.ForChanging(null)));
        Assert.Equal(
            ErrorIds.SessionNotFound, Assert.Throws<ObjectNotFoundException>(() => HostSessions.Find("lab")).ErrorId);
        await HostSessions.RemoveAsync(two);
    }

    private static Task<IHostSession> MakeAsync(string name) =>
        Task.FromResult<IHostSession>(LabHosts.Make(
            name, new LabOptions { Gpus = ["A30"], WithVms = true }, false, null));
}
