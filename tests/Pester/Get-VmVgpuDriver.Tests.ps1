BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

$prepare = 'Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C; Start-LabVm 101'
Add-CommandTest 'Get-VmVgpuDriver' -Prepare $prepare -Wrong @(
    , @('Get-VmVgpuDriver 4711', 'VmNotFound', 'ObjectNotFound')
    , @('Get-VmVgpuDriver 101 -Session nobody', 'SessionNotFound', 'ObjectNotFound')
) -Complete @(
    , @('Get-VmVgpuDriver we', '101')
    , @('Get-VmVgpuDriver -VmName bui', '102')
)

Add-ReadingTest 'Get-VmVgpuDriver' -Prepare $prepare -Back 'Get-VmVgpuDriver'

Describe 'Get-VmVgpuDriver' {
    BeforeAll {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101, 102, 104 A30-6C
        Start-LabVm 101, 104
    }

    AfterAll { Disconnect-All }

    It 'finds a guest driver <Driver> <Verdict>' -ForEach @(
        @{ Driver = '580.105.08'; Verdict = 'SameBranch'; Fits = $true }
        @{ Driver = '535.161.08'; Verdict = 'OlderBranch'; Fits = $false }
        @{ Driver = '999.10'; Verdict = 'NewerBranch'; Fits = $false }
        @{ Driver = ''; Verdict = 'Missing'; Fits = $false }
        @{ Driver = 'strange'; Verdict = 'Unknown'; Fits = $false }
    ) {
        Set-LabGuest 101 -Driver $Driver
        $row = Get-VmVgpuDriver 101
        $row.GuestDriver | Should -Be $(if ($Driver) { $Driver })
        $row.HostDriver | Should -Be '580.105.06'
        $row.Verdict, $row.IsCompatible | Should -Be $Verdict, $Fits
        $row.Message | Should -Not -BeNullOrEmpty
    }

    It 'tells of every VM with a vGPU, also of those that do not run, and of no other' {
        Set-LabGuest 101 -Driver 580.105.08
        $rows = Get-VmVgpuDriver
        $rows.VmId | Should -Be 101, 102, 104
        $rows.Verdict | Should -Be 'SameBranch', 'NotRunning', 'SameBranch'
        $rows.VgpuType | Should -Be 'A30-6C', $null, 'A30-6C'
        Get-VmVgpuDriver 103 | Should -BeNullOrEmpty
        Get-VmVgpuDriver nobody* | Should -BeNullOrEmpty
        (Get-VmVgpuDriver d*).GuestDriver | Should -Be '581.80'
    }

    It 'shows a table' {
        Get-VmVgpuDriver | Out-String -Width 120 | Should -Match 'VM +Type +Guest driver +Host driver +Verdict +Why'
    }
}
