using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Events;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Settings;
using VgpuPS.Host.Seams;
using VgpuPS.Host.State;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.State;

public sealed class StateFilesTests
{
    private static readonly ClaimFile s_claims = ClaimFile.Empty with
    {
        Claims = [new VgpuClaim(new VmId(101), 0, new VgpuTypeId(689), ClaimState.Live, [], null, null, false, 0)],
    };

    private readonly FileTree _tree = new();

    [Fact]
    public void Absent_files_are_empty_claims_and_default_settings()
    {
        Assert.Same(ClaimFile.Empty, new ClaimStoreFile(_tree).Load());
        Assert.Equivalent(new HookSettings(), new SettingsFile(_tree).Load(), strict: true);
    }

    [Fact]
    public void Claims_are_saved_for_root_alone_and_loaded()
    {
        var store = new ClaimStoreFile(_tree);
        store.Save(s_claims);
        Assert.Equivalent(s_claims, store.Load(), strict: true);
        Assert.Equal(("/run/vgpups/claims.json", "mode 600"), Assert.Single(_tree.Writes));
        Assert.Equal(Convert.ToInt32("700", 8), _tree.GetInfo("/run/vgpups")!.Mode);
    }

    [Fact]
    public void A_corrupt_file_is_set_aside_under_a_free_name()
    {
        var store = new ClaimStoreFile(_tree);
        _tree["/run/vgpups/claims.json"] = "{";
        _tree["/run/vgpups/claims.json.corrupt-1"] = "older";
        Assert.Throws<UnreadableDataException>(() => store.Load());
        Assert.Equal("/run/vgpups/claims.json.corrupt-2", store.SetAside());
        Assert.Same(ClaimFile.Empty, store.Load());
        Assert.Equal("{", _tree["/run/vgpups/claims.json.corrupt-2"]);
    }

    [Theory]
    [InlineData(Errno.ENOSPC, typeof(HostNotReadyException), ErrorIds.WriteFailed, "df -h /run")]
    [InlineData(Errno.EROFS, typeof(HostNotReadyException), ErrorIds.WriteFailed, "findmnt")]
    [InlineData(Errno.EACCES, typeof(AccessDeniedException), ErrorIds.AccessDenied, "root")]
    public void Claims_that_cannot_be_written_say_why(int errno, Type exception, string errorId, string action)
    {
        _tree.Fail("write", "/run/vgpups/claims.json", errno);
        var failure = Assert.ThrowsAny<VgpuException>(() => new ClaimStoreFile(_tree).Save(s_claims));
        Assert.IsType(exception, failure);
        Assert.Equal(errorId, failure.ErrorId);
        Assert.Contains(action, failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_is_one_line()
    {
        var log = new EventLogFile(_tree, new JumpingClock(), _ => { });
        log.Write(new HostEvent("hook", 101, "createGpuInstance", "0000:41:00.0 GI 3", "", "2g.12gb\n"));
        log.Write(new HostEvent("sweep", null, "x", "y", "a", "b"));
        Assert.Equal(
            """{"time":"2026-03-01T08:00:00.000Z","source":"hook","vm":101,"action":"createGpuInstance","target":"0000:41:00.0 GI 3","before":"","after":"2g.12gb\n"}"""
            + "\n"
            + """{"time":"2026-03-01T08:00:00.000Z","source":"sweep","vm":null,"action":"x","target":"y","before":"a","after":"b"}"""
            + "\n",
            _tree["/var/log/vgpups/events.jsonl"]);
        Assert.Equal(Convert.ToInt32("755", 8), _tree.GetInfo("/var/log/vgpups")!.Mode);
    }

    [Fact]
    public void A_log_that_cannot_be_written_warns_once()
    {
        var warnings = new List<string>();
        var log = new EventLogFile(_tree, new JumpingClock(), warnings.Add);
        _tree.Fail("write", "/var/log/vgpups/events.jsonl", Errno.ENOSPC);
        log.Write(new HostEvent("hook", 101, "a", "b", "", ""));
        log.Write(new HostEvent("hook", 101, "a", "b", "", ""));
        Assert.Contains("No space left", Assert.Single(warnings), StringComparison.Ordinal);
    }
}
