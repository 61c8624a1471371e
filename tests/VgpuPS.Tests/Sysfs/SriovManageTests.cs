using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Host.Seams;
using VgpuPS.Host.Sysfs;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Sysfs;

public sealed class SriovManageTests
{
    private const string Busy = "Cannot obtain unbindLock for 0000:41:00.0";

    private readonly FileTree _tree = GpuTree.Create();
    private readonly ProgramScript _programs = new();
    private readonly JumpingClock _clock = new();
    private IHostFileLock? _held;

    [Fact]
    public async Task Functions_are_enabled_on_one_gpu_and_read_back()
    {
        _held = _tree.TryLock("/run/vgpups/lock", 0);
        _programs.Run = _ => EnableAll(0);
        await EnableAsync();
        var request = Assert.Single(_programs.Requests);
        Assert.Equal("/usr/lib/nvidia/sriov-manage", request.FileName);
        Assert.Equal(["-e", "0000:41:00.0"], request.Arguments);
        Assert.True(request.LeaveRunningAtDeadline);
        Assert.Same(_held, request.InheritedLock);
    }

    [Fact]
    public async Task An_exit_code_proves_nothing_either_way()
    {
        _programs.Run = _ => EnableAll(1);
        await EnableAsync();
    }

    [Theory]
    [InlineData(0, ErrorIds.ReadBackMismatch)]
    [InlineData(1, ErrorIds.HostCommandFailed)]
    public async Task Too_few_functions_are_a_failure(int exitCode, string errorId)
    {
        GpuTree.Enable(_tree, 11, VgpuBackend.Mdev);
        _programs.Run = _ => ProgramScript.Ended(exitCode, "some words");
        var failure = await Assert.ThrowsAsync<HostCommandException>(EnableAsync);
        Assert.Equal((errorId, exitCode), (failure.ErrorId, failure.ExitCode));
        Assert.Contains("11 of 12 virtual functions enabled", failure.Message, StringComparison.Ordinal);
        Assert.Contains("some words", failure.Message, StringComparison.Ordinal);
        Assert.Single(_programs.Requests);
    }

    [Fact]
    public async Task Functions_that_appear_late_are_waited_for()
    {
        _clock.OnWait = () => EnableAll(0);
        await EnableAsync();
    }

    [Fact]
    public async Task Only_a_held_GPU_is_tried_again()
    {
        _programs.Run = _ => _programs.Requests.Count < 4 ? ProgramScript.Ended(1, Busy) : EnableAll(0);
        await EnableAsync();
        Assert.Equal(4, _programs.Requests.Count);
        Assert.Equal([1d, 2d, 3d], _clock.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task A_GPU_that_stays_held_is_busy_after_five_retries()
    {
        _programs.Run = _ => ProgramScript.Ended(0, Busy);
        var failure = await Assert.ThrowsAsync<ResourceBusyException>(EnableAsync);
        Assert.Equal(6, _programs.Requests.Count);
        Assert.Contains("fuser -v /dev/nvidia*", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retries_end_with_the_deadline()
    {
        _programs.Run = _ => ProgramScript.Ended(1, Busy);
        await Assert.ThrowsAsync<ResourceBusyException>(() => EnableAsync(TimeSpan.FromSeconds(4)));
        Assert.Equal(3, _programs.Requests.Count);
        Assert.True(_clock.Elapsed < TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task A_tool_that_runs_on_keeps_the_lock_in_its_own_name()
    {
        _held = _tree.TryLock("/run/vgpups/lock", 0);
        _programs.Run = _ => new ProcessResult(null, null, true, 0, "", "");
        var failure = await Assert.ThrowsAsync<HostTimeoutException>(EnableAsync);
        Assert.Contains("keeps the lock", failure.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "/usr/lib/nvidia/sriov-manage -e 0000:41:00.0, left to finish", _tree["/run/vgpups/lock"],
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Errno.ENOENT, typeof(HostNotReadyException), ErrorIds.SriovNotReady)]
    [InlineData(Errno.EACCES, typeof(AccessDeniedException), ErrorIds.AccessDenied)]
    public async Task A_tool_that_does_not_start_says_why(int errno, Type exception, string errorId)
    {
        _programs.Run = _ => new ProcessResult(null, null, false, errno, "", "");
        var failure = await Record.ExceptionAsync(EnableAsync);
        Assert.IsType(exception, failure);
        Assert.Equal(errorId, ((VgpuException)failure).ErrorId);
    }

    [Fact]
    public async Task Disabling_waits_until_no_function_is_left()
    {
        GpuTree.Enable(_tree, 12, VgpuBackend.Mdev);
        var manage = Manage();
        var failure = await Assert.ThrowsAsync<HostCommandException>(
            () => manage.DisableAsync(GpuTree.Gpu, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Contains("qm list", failure.RecommendedAction, StringComparison.Ordinal);
        _clock.OnWait = () =>
        {
            for (var index = 0; index < 12; index++)
            {
                _tree.DeleteTree($"{GpuTree.Folder(GpuTree.Gpu)}/virtfn{index}");
            }

            _tree[$"{GpuTree.Folder(GpuTree.Gpu)}/sriov_numvfs"] = "0\n";
        };
        await manage.DisableAsync(GpuTree.Gpu, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(["-d", "0000:41:00.0"], _programs.Requests[^1].Arguments);
    }

    private ProcessResult EnableAll(int exitCode)
    {
        GpuTree.Enable(_tree, 12, VgpuBackend.Mdev);
        return ProgramScript.Ended(exitCode);
    }

    private Task EnableAsync() => EnableAsync(TimeSpan.FromSeconds(60));

    private Task EnableAsync(TimeSpan deadline) =>
        Manage().EnableAsync(GpuTree.Gpu, deadline, TestContext.Current.CancellationToken);

    private SriovManage Manage() => new(_tree, _programs, _clock, () => _held);
}
