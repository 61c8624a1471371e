using VgpuPS.Core.Errors;
using VgpuPS.Host.Seams;
using VgpuPS.Host.State;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Metrics;

/// <summary>A file for node_exporter: whole or not at all.</summary>
public sealed class MetricsTextFileTests : IDisposable
{
    private const string Path = "/collector/vgpups.prom";

    private readonly RealFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_written_whole_for_all_to_read_and_nothing_else_is_left()
    {
        _folder.Files.CreateDirectory("/collector", FileModes.Mode755);
        var file = new MetricsTextFile(_folder.Files);
        file.Save(Path, "a 1\n");
        file.Save(Path, "a 2\n");
        Assert.Equal("a 2\n"u8.ToArray(), _folder.Files.Read(Path, 100));
        Assert.Equal(FileModes.Mode644, _folder.Files.GetInfo(Path)!.Mode);
        Assert.Equal(["vgpups.prom"], _folder.Files.List("/collector"));
    }

    [Theory]
    [InlineData("vgpups.prom")]
    [InlineData("/collector/vgpups.txt")]
    [InlineData("/collector/.prom")]
    [InlineData("/collector/../etc/x.prom")]
    [InlineData("/collector/a\nb.prom")]
    [InlineData("/")]
    [InlineData("")]
    public void A_name_that_node_exporter_does_not_read_is_refused(string path) => Assert.Equal(
        ErrorIds.PathUnusable,
        Assert.Throws<InvalidRequestException>(() => new MetricsTextFile(_folder.Files).Save(path, "a 1\n")).ErrorId);

    [Fact]
    public void A_folder_that_is_missing_and_a_folder_in_its_place_are_named()
    {
        var file = new MetricsTextFile(_folder.Files);
        var missing = Assert.Throws<InvalidRequestException>(() => file.Save(Path, "a 1\n"));
        Assert.Equal(ErrorIds.PathUnusable, missing.ErrorId);
        Assert.Contains("/collector", missing.Message, StringComparison.Ordinal);
        _folder.Files.CreateDirectory(Path, FileModes.Mode755);
        Assert.Equal(
            ErrorIds.PathUnusable,
            Assert.Throws<InvalidRequestException>(() => file.Save(Path, "a 1\n")).ErrorId);
    }

    [Theory]
    [InlineData(Errno.ENOSPC, typeof(HostNotReadyException))]
    [InlineData(Errno.EROFS, typeof(HostNotReadyException))]
    [InlineData(Errno.EBUSY, typeof(HostNotReadyException))]
    [InlineData(Errno.EACCES, typeof(AccessDeniedException))]
    public void What_cannot_be_written_says_so_and_the_old_file_stays(int errno, Type failure)
    {
        var node = LabNodes.A30(LabBackend.Vfio);
        node.Host.Put(Path, "a 1\n");
        node.Host.Edit(s => s.Setup.WriteRefusals[Path] = errno);
        Assert.IsType(failure, Record.Exception(() => new MetricsTextFile(node.Host.Files).Save(Path, "a 2\n")));
        Assert.Equal("a 1\n"u8.ToArray(), node.Host.Files.Read(Path, 100));
    }

    [Fact]
    public void A_link_in_its_place_is_replaced_and_not_followed()
    {
        _folder.Put("/etc/other", "keep\n");
        _folder.Files.CreateDirectory("/collector", FileModes.Mode755);
        _folder.Link(Path, "../etc/other");
        new MetricsTextFile(_folder.Files).Save(Path, "a 1\n");
        Assert.Equal("keep\n"u8.ToArray(), _folder.Files.Read("/etc/other", 100));
        Assert.Equal("a 1\n"u8.ToArray(), _folder.Files.Read(Path, 100));
        Assert.Null(_folder.Files.ReadLink(Path));
    }
}
