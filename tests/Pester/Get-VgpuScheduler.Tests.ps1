BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Get-VgpuScheduler' -Wrong @(, @('Get-VgpuScheduler 9', 'DeviceNotFound', 'ObjectNotFound')) -Complete @(
    , @('Get-VgpuScheduler 0000:4b', '0000:4b:00.0'))

Add-ReadingTest 'Get-VgpuScheduler' -Prepare 'Enable-Sriov 0' -Back 'Get-VgpuScheduler'

Describe 'Get-VgpuScheduler' {
    It 'shows policy, slice and limits' {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Set-VgpuScheduler 0 EqualShare -TimesliceMilliseconds 5
        $scheduler = Get-VgpuScheduler 0
        "$($scheduler.Policy)" | Should -Be 'EqualShare'
        $scheduler.TimesliceMilliseconds | Should -Be 5
    }
}
