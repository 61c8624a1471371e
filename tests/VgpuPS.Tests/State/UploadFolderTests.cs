using VgpuPS.Core.Errors;
using VgpuPS.Host.Sessions;
using VgpuPS.Host.State;
using VgpuPS.LabHook;
using VgpuPS.Tests.Ssh;
using Xunit;

namespace VgpuPS.Tests.State;

public sealed class UploadFolderTests
{
    private const string Id = "0123456789abcdef";
    private const string Name = "NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run";

    private static readonly byte[] s_bytes = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 7))];
    private static readonly string s_digest =
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(s_bytes));

    private readonly LabHostNode _node = LabHostNode.Create();

    [Fact]
    public void A_file_that_arrives_whole_is_root_s_alone_and_has_its_name()
    {
        Assert.Null(Send(0, 600));
        var path = Send(600, 400, s_digest)!;
        Assert.Equal(s_bytes, _node.Host.Files.Read(path, 10_000));
        Assert.Equal($"/{Name}", path[path.LastIndexOf('/')..]);
        string[] places = [UploadFolder.Root, path[..path.LastIndexOf('/')], path];
        Assert.Equal("700 700 600", string.Join(
            ' ', places.Select(p => Convert.ToString(_node.Host.Files.GetInfo(p)!.Mode, 8))));
        Assert.Equal(1, Remove(Id));
        Assert.Empty(Left());
    }

    [Fact]
    public void A_file_with_another_checksum_is_gone()
    {
        Send(0, 600);
        var failure = Assert.Throws<UnreadableDataException>(() => Send(600, 400, s_digest.Replace('a', 'b')));
        Assert.Equal(ErrorIds.UploadFailed, failure.ErrorId);
        Assert.Contains(s_digest, failure.Message, StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(700)]
    public void A_part_that_does_not_follow_the_one_before_ends_the_upload(int offset)
    {
        Send(0, 600);
        var failure = Assert.Throws<UnreadableDataException>(() => Send(offset, 100));
        Assert.Contains($"goes on at byte {offset}, and the host has 600", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Theory]
    [InlineData("../../../etc/cron.d/x")]
    [InlineData("a b.run")]
    [InlineData("-rf.run")]
    [InlineData(".bashrc")]
    [InlineData("")]
    public void A_name_that_could_be_another_path_is_refused(string name)
    {
        Assert.Throws<InvalidRequestException>(() => Send(new UploadPart
        { Id = Id, Name = name, Size = 1000, Offset = 0, Content = s_bytes[..10] }));
        Assert.Empty(Left());
    }

    [Theory]
    [InlineData("../0123456789abc", 1000, 0, 10)]
    [InlineData(Id, 5L << 30, 0, 10)]
    [InlineData(Id, 0, 0, 10)]
    [InlineData(Id, 1000, 995, 10)]
    [InlineData(Id, 1000, -1, 10)]
    [InlineData(Id, 1000, 0, 0)]
    [InlineData(Id, 100 << 20, 0, (4 << 20) + 1)]
    public void What_is_beyond_its_bounds_is_refused(string id, long size, long offset, int length)
    {
        Assert.Throws<InvalidRequestException>(() => Send(new UploadPart
        { Id = id, Name = Name, Size = size, Offset = offset, Content = new byte[length] }));
        Assert.Empty(Left());
    }

    [Theory]
    [InlineData(256 << 20, false)]
    [InlineData((256 << 20) + 1000, true)]
    public void A_full_disk_is_named_before_anything_is_written(long free, bool isEnough)
    {
        _node.Host.Edit(s => s.Setup.FreeBytes = free);
        if (isEnough)
        {
            Send(0, 600);
            return;
        }

        var refusal = Assert.Throws<HostNotReadyException>(() => Send(0, 600));
        Assert.Equal(ErrorIds.WriteFailed, refusal.ErrorId);
        Assert.Contains("256 MiB free", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Left());
    }

    [Fact]
    public void A_disk_that_fills_up_on_the_way_leaves_nothing()
    {
        Send(0, 600);
        _node.Host.Edit(s => s.Setup.WriteRefusals[UploadFolder.Root + "/"] = VgpuPS.Host.Seams.Errno.ENOSPC);
        var refusal = Assert.ThrowsAny<VgpuException>(() => Send(600, 400, s_digest));
        Assert.Equal(ErrorIds.WriteFailed, refusal.ErrorId);
        Assert.Contains("full", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_the_session_removes_what_it_uploaded()
    {
        await using var pair = await AgentPair.OpenAsync();
        await pair.Client.RunAsync(
            HostUseCases.UploadFile, Part(0, 600, null), new RecordingObserver(),
            TestContext.Current.CancellationToken);
        Assert.NotEmpty(pair.Node.Host.Files.List(UploadFolder.Root)!);
        await pair.Client.DisposeAsync();
        await pair.Serving.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Empty(pair.Node.Host.Files.List(UploadFolder.Root)!);
    }

    [Fact]
    public void What_a_killed_agent_left_goes_with_the_next_upload_a_day_later()
    {
        const string Old = UploadFolder.Root + "/4711-0000000000000000";
        Send(0, 600);
        _node.Host.Put($"{Old}/{Name}.part", "x");
        Remove(Id);
        Assert.Equal([Old], Left());
        _node.Host.Clock.Advance(TimeSpan.FromHours(25));
        Send(0, 600);
        Assert.DoesNotContain(Old, Left());
    }

    [Fact]
    public async Task Their_folder_goes_with_the_product()
    {
        Send(0, 600);
        Remove(Id);
        Assert.Equal(["uploads"], _node.Host.Files.List(UploadFolder.Parent)!);
        await HostUseCases.UninstallHost.RunAsync(
            _node.Connect(_ => { }), new() { Source = "test" }, new RecordingObserver(),
            TestContext.Current.CancellationToken);
        Assert.Null(_node.Host.Files.List(UploadFolder.Parent));
    }

    private static UploadPart Part(int offset, int length, string? digest) => new()
    {
        Id = Id,
        Name = Name,
        Size = s_bytes.Length,
        Offset = offset,
        Content = s_bytes[offset..(offset + length)],
        Sha256 = digest,
    };

    private string? Send(int offset, int length, string? digest = null) => Send(Part(offset, length, digest));

    private string? Send(UploadPart part) => HostUseCases.UploadFile.RunAsync(
        _node.Connect(_ => { }), part, new RecordingObserver(), default).GetAwaiter().GetResult().Path;

    private int Remove(string id) => HostUseCases.RemoveUpload.RunAsync(
        _node.Connect(_ => { }), new(id), new RecordingObserver(), default).GetAwaiter().GetResult().Count;

    private IEnumerable<string> Left() =>
        (_node.Host.Files.List(UploadFolder.Root) ?? []).Select(n => $"{UploadFolder.Root}/{n}");
}
