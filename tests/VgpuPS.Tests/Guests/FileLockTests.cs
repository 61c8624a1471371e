using System.Text;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class FileLockTests
{
    [Fact]
    public void Lines_are_read_and_others_left_out()
    {
        var locks = FileLock.Read(Encoding.ASCII.GetBytes(
            "1: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 1300 00:1a:5678 0 EOF\n"
            + "2: POSIX  ADVISORY  READ 77 fd:01:18446744073709551615 0 EOF\n3: OFDLCK ADVISORY  READ  -1 08:01:9 0 5\n"
            + "4: POSIX  *NOINODE*\n5: FLOCK ADVISORY WRITE 1 <none>:0 0 EOF\nrubbish\n\n"));

        Assert.Equal(
            [
                new FileLock("FLOCK", false, 1234, 0, 0x1a, 5678),
                new FileLock("FLOCK", true, 1300, 0, 0x1a, 5678),
                new FileLock("POSIX", false, 77, 0xfd, 1, ulong.MaxValue) { IsShared = true },
                new FileLock("OFDLCK", false, -1, 8, 1, 9) { IsShared = true },
            ],
            locks);
    }
}
